//! Where connections come from: one director tells another.

use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, web};
use ipvs::{
    Connection, ConnectionFilter, Destination, Forwarding, Origin, Service, SyncDaemon, SyncRole,
};
use ipvs_lab::netns::Netns;
use ipvs_lab::{in_namespace, process};

/// Those of TCP 192.0.2.10:80, of a director.
fn connections(director: &Netns) -> Vec<Connection> {
    director.enter(|| {
        let of_web = ConnectionFilter::new().service(web());
        let all = client().connections_with_origin().unwrap();
        all.map(Result::unwrap)
            .filter(|connection| of_web.matches(connection))
            .collect()
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_is_local_where_it_began_and_synced_where_it_was_told() {
    in_namespace(|| {
        let (one, two) = (Netns::new("one"), Netns::new("two"));
        process::run(
            "ip",
            &[
                "link", "add", "eth0", "netns", "one", "type", "veth", "peer", "name", "eth0",
                "netns", "two",
            ],
        );
        for (director, address, role) in [
            (&one, "10.0.0.1/24", SyncRole::Master),
            (&two, "10.0.0.2/24", SyncRole::Backup),
        ] {
            director.enter(|| {
                process::run("ip", &["address", "add", address, "dev", "eth0"]);
                process::run("ip", &["link", "set", "eth0", "up"]);
                client()
                    .start_sync_daemon(&SyncDaemon::new(role, "eth0"))
                    .unwrap();
            });
        }
        let talk = one.enter(|| {
            own(&["192.0.2.10/32", "198.51.100.7/32"]);
            echo_at("198.51.100.7:8080");
            let mut ipvs = client();
            let server = Destination::new(endpoint("198.51.100.7:8080"));
            ipvs.add_service(&Service::new(web())).unwrap();
            ipvs.add_destination(web(), &server.forwarding(Forwarding::Masquerade))
                .unwrap();
            talk_to("192.0.2.10:80")
        });

        let told = eventually(|| connections(&two), |told| !told.is_empty());
        let seen = connections(&one);
        let ends = |all: &[Connection]| {
            let ends = all.iter().map(|it| (it.client, it.destination, it.origin));
            ends.collect::<Vec<_>>()
        };
        let client = talk.local_addr().unwrap().into();
        let server = endpoint("198.51.100.7:8080");
        assert_eq!(ends(&seen), [(client, server, Some(Origin::Local))]);
        assert_eq!(ends(&told), [(client, server, Some(Origin::Sync))]);
        assert_eq!(told[0].state, "ESTABLISHED");

        let without_origin = two.enter(|| {
            let all = crate::common::client().connections().unwrap();
            all.map(Result::unwrap).collect::<Vec<_>>()
        });
        assert_eq!(without_origin[0].origin, None);
    });
}
