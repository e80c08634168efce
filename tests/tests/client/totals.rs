//! What a network namespace counts altogether, on the kernel.

use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, web};
use ipvs::{Destination, Forwarding, Service, Stats};
use ipvs_lab::in_namespace;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn totals_are_those_of_the_service_and_of_the_cpus_together() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:8080");
        let mut ipvs = client();
        let server =
            Destination::new(endpoint("198.51.100.7:8080")).forwarding(Forwarding::Masquerade);
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &server).unwrap();
        assert_eq!(ipvs.totals().unwrap(), Stats::default());

        let _talks = [talk_to("192.0.2.10:80"), talk_to("192.0.2.10:80")];
        let totals = eventually(|| ipvs.totals().unwrap(), |totals| totals.connections == 2);
        assert!(totals.incoming_packets >= 6, "{totals:?}");

        let service = ipvs.service(web()).unwrap().stats;
        assert_eq!(
            (service.connections, service.incoming_bytes),
            (totals.connections, totals.incoming_bytes)
        );
        let cpus = ipvs.totals_by_cpu().unwrap();
        assert_eq!(cpus.iter().map(|cpu| cpu.connections).sum::<u64>(), 2);
        assert_eq!(cpus.first().map(|cpu| cpu.cpu), Some(0));

        ipvs.zero().unwrap();
        assert_eq!(ipvs.totals().unwrap().connections, 0);
        assert_eq!(
            ipvs.totals_by_cpu().unwrap(),
            cpus,
            "zeroing does not touch the CPUs"
        );
    });
}
