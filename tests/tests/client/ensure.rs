//! Making something so, whatever is there, on the kernel.

use crate::common::{client, seconds, server, web};
use ipvs::{Destination, Ensured, Error, Forwarding, Service};
use ipvs_lab::in_namespace;
use ipvs_lab::process::ipvsadm;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ensuring_a_service_creates_changes_or_leaves_it() {
    in_namespace(|| {
        let mut ipvs = client();
        let service = Service::new(web());
        assert_eq!(ipvs.ensure_service(&service).unwrap(), Ensured::Created);
        assert_eq!(ipvs.ensure_service(&service).unwrap(), Ensured::Unchanged);
        let persistent = service.persistent(seconds(300));
        assert_eq!(ipvs.ensure_service(&persistent).unwrap(), Ensured::Changed);
        assert_eq!(ipvsadm(&["-Sn"]), "-A -t 192.0.2.10:80 -s wlc -p 300");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ensuring_a_destination_creates_changes_or_leaves_it() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        let destination = Destination::new(server()).forwarding(Forwarding::Masquerade);
        for (weight, outcome) in [
            (1, Ensured::Created),
            (1, Ensured::Unchanged),
            (0, Ensured::Changed),
        ] {
            let destination = destination.weight(weight);
            assert_eq!(
                ipvs.ensure_destination(web(), &destination).unwrap(),
                outcome
            );
        }
        assert_eq!(
            ipvsadm(&["-Sn"]).lines().last(),
            Some("-a -t 192.0.2.10:80 -r 198.51.100.7:80 -m -w 0")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ensuring_a_destination_of_no_service_says_that_there_is_none() {
    in_namespace(|| {
        let error = client()
            .ensure_destination(web(), &Destination::new(server()))
            .unwrap_err();
        assert!(
            matches!(error, Error::ServiceNotFound(id) if id == web()),
            "{error}"
        );
    });
}
