//! Conversations that the fake kernel and a real one hold alike: the same functions run on both, so
//! that the fake cannot drift. On the host the fake alone, in the lab the kernel alone.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod bytes;
mod destinations;
mod dumps;
mod files;
mod order;
mod refusals;
mod services;
mod settings;
mod sync;
mod table;

use ipvs::Client;
use ipvs::testing::FakeKernel;
use ipvs_lab::in_namespace;
use ipvs_sys::Conversation;

/// One that converses.
trait Party {
    fn with_the_fake(kernel: &FakeKernel) -> Self;
    fn with_the_kernel() -> Self;
}

impl Party for Client {
    fn with_the_fake(kernel: &FakeKernel) -> Self {
        kernel.client().unwrap()
    }
    fn with_the_kernel() -> Self {
        Self::open().unwrap()
    }
}

impl Party for Conversation {
    fn with_the_fake(kernel: &FakeKernel) -> Self {
        Self::over(Box::new(kernel.socket())).unwrap()
    }
    fn with_the_kernel() -> Self {
        Self::open().unwrap()
    }
}

/// Two at once, in one table.
impl<A: Party, B: Party> Party for (A, B) {
    fn with_the_fake(kernel: &FakeKernel) -> Self {
        (A::with_the_fake(kernel), B::with_the_fake(kernel))
    }
    fn with_the_kernel() -> Self {
        (A::with_the_kernel(), B::with_the_kernel())
    }
}

fn on_the_fake<P: Party>(conversation: fn(&mut P)) {
    conversation(&mut P::with_the_fake(&FakeKernel::new()));
}

fn on_the_kernel<P: Party>(conversation: fn(&mut P)) {
    common::modules::load_locality_based();
    in_namespace(|| conversation(&mut P::with_the_kernel()));
}

/// Two tests of each conversation: `name::on_the_fake` and `name::on_the_kernel`.
macro_rules! conversations {
    ($($name:ident,)+) => {$(
        mod $name {
            #[test]
            fn on_the_fake() {
                crate::on_the_fake(super::$name);
            }

            #[test]
            #[ignore = "needs the lab's kernel: cargo lab test"]
            fn on_the_kernel() {
                crate::on_the_kernel(super::$name);
            }
        }
    )+};
}
use conversations;
