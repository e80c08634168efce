//! The client for tasks: what it does when a future is dropped, and that nothing else waits for it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod dropped;
mod gate;
mod globs;
mod shared;
mod waiting;

use ipvs::testing::FakeKernel;
use ipvs::{Destination, Endpoint, Service, ServiceId};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

/// TCP 192.0.2.10:80, which every kernel here has, with [`server`] behind it.
fn web() -> ServiceId {
    ServiceId::tcp(endpoint("192.0.2.10:80"))
}

fn server() -> Endpoint {
    endpoint("198.51.100.7:80")
}

fn kernel_with_web() -> FakeKernel {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    kernel.take_requests();
    kernel
}
