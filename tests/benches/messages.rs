//! Encoding and decoding on this machine: time, and allocations. `cargo bench --package ipvs-lab
//! --bench messages`; no kernel is asked.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a program for those who work on this"
)]

#[path = "counts/work.rs"]
#[expect(dead_code, reason = "part of it is for the program that counts")]
mod work;

use std::hint::black_box;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use ipvs::{Batch, Scheduler, Service};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench]
fn encode_destination(bencher: Bencher<'_, '_>) {
    let mut batch = Batch::with_capacity(1);
    let destination = work::destination(0);
    bencher.bench_local(|| {
        batch.clear();
        let added = batch.add_destination(black_box(work::id()), black_box(&destination));
        added.unwrap();
    });
}

#[divan::bench]
fn encode_service(bencher: Bencher<'_, '_>) {
    let mut batch = Batch::with_capacity(1);
    let service = Service::new(work::id()).scheduler(Scheduler::ROUND_ROBIN);
    bencher.bench_local(|| {
        batch.clear();
        batch.add_service(black_box(&service)).unwrap();
    });
}

/// Of a whole conversation: what else it takes is divided by thousands.
#[divan::bench]
fn decode_destination(bencher: Bencher<'_, '_>) {
    const PIECES: u32 = 100;
    let mut ipvs = work::replaying(PIECES);
    bencher
        .counter(ItemsCount::new(PIECES * work::PIECE))
        .bench_local(|| work::read(&mut ipvs));
}
