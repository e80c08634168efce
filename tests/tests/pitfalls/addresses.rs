//! Addresses that others put in a wrong order, cut, or look up.

use ipvs::{Destination, Encapsulation, Family, Forwarding, Protocol, Service, ServiceId};
use ipvs_lab::{in_namespace, process};

use crate::common::program::{done, shown};
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, lines, mark, saved, seconds, web};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn addresses_above_127_do_not_come_first() {
    in_namespace(|| {
        let mut ipvs = client();
        let in_order = [
            "TCP 1.0.0.1:80",
            "TCP 1.0.0.1:32768",
            "TCP 127.0.0.1:80",
            "TCP 128.0.0.1:80",
            "TCP 223.255.255.254:80",
            "TCP [::1]:80",
            "TCP [2001:db8::10]:80",
            "TCP [fd00::1]:80",
            "FWM 1",
            "FWM 2147483648",
        ];
        let ids = in_order.map(|name| match name.split_once(' ').unwrap() {
            ("TCP", address) => ServiceId::tcp(endpoint(address)),
            (_, number) => ServiceId::fwmark(mark(number.parse().unwrap()), Family::Ipv4),
        });
        let is_even = |place: usize| place % 2 == 0;
        for wanted in [true, false] {
            for (_, id) in ids
                .into_iter()
                .enumerate()
                .filter(|(place, _)| is_even(*place) == wanted)
            {
                ipvs.add_service(&Service::new(id)).unwrap();
            }
        }
        let table = ipvs.table().unwrap().virtual_servers;
        assert_eq!(
            table
                .iter()
                .map(|server| server.service.id)
                .collect::<Vec<_>>(),
            ids
        );
        let listed = shown("list");
        let rows = listed
            .lines()
            .skip(2)
            .map(|row| row.split("  ").next().unwrap());
        assert_eq!(rows.collect::<Vec<_>>(), in_order);
        ipvs.flush().unwrap();

        // Destinations of both families, of which some have the highest bit.
        ipvs.add_service(&Service::new(web())).unwrap();
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        let in_order = [
            "1.0.0.1:80",
            "127.0.0.2:80",
            "200.0.0.1:80",
            "[2001:db8::1]:80",
            "[fd00::1]:80",
        ];
        let ids = in_order.map(endpoint);
        for place in [2, 4, 0, 3, 1] {
            let destination = Destination::new(ids[place]).forwarding(tunnel);
            ipvs.add_destination(web(), &destination).unwrap();
        }
        let table = ipvs.table().unwrap().virtual_servers;
        let found = table[0]
            .destinations
            .iter()
            .map(|destination| destination.id);
        assert_eq!(found.collect::<Vec<_>>(), ids);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_does_not_ask_who_an_address_is() {
    in_namespace(|| {
        done("add-service -t 127.0.0.1:80 -s rr");
        done("add-destination -t 127.0.0.1:80 -r 127.0.0.1:443 -m");
        let theirs = process::ipvsadm(&["-L"]);
        assert!(
            theirs.contains("TCP  localhost:"),
            "who answers here: {theirs}"
        );
        for line in ["list", "list --stats", "save", "save --format ipvsadm"] {
            let ours = shown(line);
            assert!(!ours.contains("localhost"), "{line}: {ours}");
            assert!(
                ours.contains("127.0.0.1:80") && ours.contains("127.0.0.1:443"),
                "{line}: {ours}"
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_longest_addresses_are_not_cut() {
    const VIP: &str = "[2001:db8:ffff:ffff:ffff:ffff:ffff:fff1]:65535";
    const SERVER: &str = "[2001:db8:ffff:ffff:ffff:ffff:ffff:fff2]:65534";
    in_namespace(|| {
        let mut ipvs = client();
        let address = |text: &str| endpoint(text).address;
        own(&[VIP, SERVER]
            .map(address)
            .map(|it| format!("{it}/128"))
            .each_ref()
            .map(String::as_str));
        echo_at(SERVER);
        let service = Service::tcp(endpoint(VIP)).persistent(seconds(2_678_400));
        ipvs.add_service(&service).unwrap();
        let server = Destination::new(endpoint(SERVER))
            .forwarding(Forwarding::Masquerade)
            .weight(i32::MAX.unsigned_abs())
            .upper_threshold(mark(i32::MAX.unsigned_abs()));
        ipvs.add_destination(service.id, &server).unwrap();
        let talk = talk_to(VIP);

        let lines = lines([
            format!("-A -t {VIP} -s wlc -p 2678400"),
            format!("-a -t {VIP} -r {SERVER} -m -w 2147483647"),
        ]);
        assert_eq!(saved(), lines);
        let ours = shown("save --format ipvsadm").replace(" -x 2147483647", "");
        assert_eq!(ours.trim_end(), lines);
        let listed = shown("list");
        assert!(listed.contains(&format!("TCP {VIP} ")), "{listed}");
        assert!(listed.contains(&format!("-> {SERVER} ")), "{listed}");

        let connections: Result<Vec<_>, _> = ipvs.connections().unwrap().collect();
        let connections = connections.unwrap();
        let found = connections.iter().find(|it| !it.is_template()).unwrap();
        assert_eq!(found.protocol, Protocol::Tcp);
        assert_eq!(found.client, talk.local_addr().unwrap().into());
        assert_eq!(found.destination, endpoint(SERVER));
        let listed = shown("connections");
        let client = talk.local_addr().unwrap();
        assert!(
            listed.contains(&format!("{client}  {VIP}  {SERVER}")),
            "{listed}"
        );
    });
}
