//! Clients of a kernel without IPVS, and of one that has it again.

use ipvs::{Client, Error, Namespace, Service};
use ipvs_lab::{in_namespace, process};

use crate::common::modules::{Unloadable, unload};
use crate::common::{client, endpoint, saved, server, web};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn opening_a_client_loads_ip_vs() {
    in_namespace(|| {
        unload();
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s wlc");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_ip_vs_the_message_says_what_to_load() {
    in_namespace(|| {
        let mut before = client();
        let _kernel = Unloadable::new();
        let errors = [
            Client::open().unwrap_err(),
            Client::open_in(Namespace::current().unwrap()).unwrap_err(),
            before.info().unwrap_err(),
            before.services().unwrap_err(),
            before.add_service(&Service::new(web())).unwrap_err(),
            before.delete_destination(web(), server()).unwrap_err(),
            before.connections().map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::Unavailable), "{error}");
            let message = "IPVS is not in this kernel: load it with `modprobe ip_vs`";
            assert_eq!(error.to_string(), message);
            assert_eq!(error.raw_os_error(), None);
        }
    });
}

/// The number of the family, such as `0x1c`.
fn family_number() -> String {
    let family = process::run("genl", &["ctrl", "get", "name", "IPVS"]);
    let number = family
        .split("ID: ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    number
        .unwrap_or_else(|| panic!("no number in {family}"))
        .to_owned()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_goes_on_when_ip_vs_was_loaded_anew() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        let before = family_number();
        // Services of a namespace hold their scheduler's module.
        ipvs.flush().unwrap();
        unload();
        process::run("modprobe", &["ip_vs"]);
        assert_ne!(family_number(), before);

        assert_eq!(ipvs.services().unwrap(), []);
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s wlc");
        // What ENOENT means is still told from a number that is gone.
        let unknown = Service::udp(endpoint("192.0.2.10:53")).scheduler("rrr".parse().unwrap());
        let error = ipvs.add_service(&unknown).unwrap_err();
        assert!(matches!(error, Error::SchedulerNotFound(_)), "{error}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_scheduler_that_cannot_be_loaded_is_not_there() {
    in_namespace(|| {
        let kernel = Unloadable::new();
        process::run("modprobe", &["ip_vs"]);
        let mut ipvs = client();
        let error = ipvs.add_service(&Service::new(web())).unwrap_err();
        assert_eq!(error.to_string(), "scheduler \"wlc\" is not in this kernel");
        drop(kernel);
        ipvs.add_service(&Service::new(web())).unwrap();
    });
}
