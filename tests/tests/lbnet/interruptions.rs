//! Set-ups that are cut off, or in each other's way.

use std::{future::poll_fn, pin::pin, task::Poll, thread};

use lbnet::{Host, RealServer};

use crate::machine::{Machine, VIP, real_server};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn set_ups_at_the_same_time_wait_for_each_other() {
    let machine = Machine::new();
    let before = machine.dump();
    at_the_same_time(&machine, async |server, host| {
        server.up(host).await.unwrap().changed()
    });
    let vips = machine
        .ip("address show lo")
        .matches("scope host lo")
        .count()
        - 1;
    assert_eq!(vips, 8, "beside 127.0.0.1");
    at_the_same_time(&machine, async |server, host| {
        server.down(host).await.unwrap().changed()
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

/// Eight VIPs, each by a process of its own, as far as a lock can tell.
fn at_the_same_time(machine: &Machine, work: impl AsyncFn(&RealServer, &Host) -> bool + Sync) {
    thread::scope(|scope| {
        for number in 1..=8 {
            let server = real_server(&format!("10.10.10.{number}"));
            let work = &work;
            scope.spawn(move || {
                assert!(machine.host(async |host| work(&server, host).await));
            });
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_set_up_that_is_cut_off_anywhere_is_undone_or_finished() {
    let machine = Machine::new();
    let before = machine.dump();
    let server = real_server(VIP);
    let mut polls = 0;
    while !machine.host(async |host| cut_off_after(polls, server.up(host)).await) {
        // Half of them go back at once, half of them first go on.
        if polls % 2 == 0 {
            machine.host(async |host| server.up(host).await.unwrap());
            assert!(machine.ip("route show").contains("10.10.10.100 dev lo"));
        }
        machine.host(async |host| server.down(host).await.unwrap());
        machine.assert_unchanged_since(&before);
        polls += 1;
    }
    assert!(polls > 10, "only {polls} steps");
    let mut polls = 0;
    while !machine.host(async |host| cut_off_after(polls, server.down(host)).await) {
        machine.host(async |host| server.down(host).await.unwrap());
        machine.assert_unchanged_since(&before);
        machine.host(async |host| server.up(host).await.unwrap());
        polls += 1;
    }
}

/// Whether the work was done within so many steps; it is dropped if not.
async fn cut_off_after<T>(polls: usize, work: impl Future<Output = T>) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| match left.checked_sub(1) {
        None => Poll::Ready(false),
        Some(rest) => {
            left = rest;
            work.as_mut().poll(context).map(|_| true)
        }
    })
    .await
}
