//! What is read is what was written, on the kernel in memory; `tests/tests` has the same on a real one.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use ipvs::testing::FakeKernel;
use ipvs::{Endpoint, Service, SyncDaemon, SyncRole};

#[test]
fn a_sync_daemon_with_every_parameter() {
    for group in ["239.1.1.1", "ff02::1:81"] {
        let mut ipvs = FakeKernel::new().client().unwrap();
        let daemon = SyncDaemon::new(SyncRole::Backup, "eth0")
            .sync_id(7)
            .max_length(1400.try_into().unwrap())
            .group(group.parse().unwrap())
            .port(9000.try_into().unwrap())
            .ttl(5.try_into().unwrap());
        ipvs.start_sync_daemon(&daemon).unwrap();
        assert_eq!(ipvs.sync_daemons().unwrap(), [daemon]);
    }
}

#[test]
fn a_netmask_of_all_bits_is_none() {
    for address in ["192.0.2.10:80", "[2001:db8::10]:80"] {
        let mut ipvs = FakeKernel::new().client().unwrap();
        let address: Endpoint = address.parse().unwrap();
        let service = Service::tcp(address).persistent(Duration::from_secs(300));
        ipvs.add_service(&service).unwrap();
        let read = ipvs.service(service.id).unwrap().service;
        // Two that differ in this are equal: the field tells.
        assert_eq!(read.persistence.unwrap().netmask, None);
    }
}
