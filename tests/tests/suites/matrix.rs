//! Every kind of service with every scheduler.

use ipvs::{Client, Service, ServiceId};
use ipvs_lab::in_namespace;

use crate::common::{client, every_kind, read, saved};

/// Each that the lab's kernel has.
const SCHEDULERS: [&str; 14] = [
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "none",
];

fn scheduled(id: ServiceId, name: &str) -> Service {
    Service::new(id).scheduler(name.parse().unwrap())
}

/// It is the only one, with this scheduler.
#[track_caller]
fn assert_is(ipvs: &mut Client, id: ServiceId, name: &str) {
    let found = read(ipvs, id);
    assert_eq!(found.id, id);
    assert_eq!(found.scheduler.name(), name, "{id}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_kind_of_service_takes_every_scheduler_after_every_other() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, named) in every_kind() {
            for first in SCHEDULERS {
                ipvs.add_service(&scheduled(id, first)).unwrap();
                assert_is(&mut ipvs, id, first);
                for other in SCHEDULERS.into_iter().filter(|other| *other != first) {
                    for name in [other, first] {
                        ipvs.update_service(&scheduled(id, name)).unwrap();
                        assert_is(&mut ipvs, id, name);
                    }
                }
                assert_eq!(saved(), format!("-A {named} -s {first}"));
                ipvs.delete_service(id).unwrap();
                assert!(ipvs.service(id).unwrap_err().is_not_found(), "{id}");
                assert_eq!(ipvs.services().unwrap(), [], "{id}");
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_flush_deletes_services_of_every_kind_and_scheduler() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.flush().unwrap();
        let (all, mut expected): (Vec<_>, Vec<_>) = every_kind()
            .into_iter()
            .zip(SCHEDULERS)
            .map(|((id, named), name)| (scheduled(id, name), format!("-A {named} -s {name}")))
            .unzip();
        for service in &all {
            ipvs.add_service(service).unwrap();
        }
        let saved_lines = saved();
        let mut found: Vec<_> = saved_lines.lines().collect();
        found.sort_unstable();
        expected.sort();
        assert_eq!(found, expected);
        ipvs.flush().unwrap();
        assert_eq!(ipvs.services().unwrap(), []);
        assert_eq!(saved(), "");
        // Whatever was there can be added again.
        for service in &all {
            ipvs.add_service(service).unwrap();
            assert_is(&mut ipvs, service.id, service.scheduler.name());
        }
    });
}
