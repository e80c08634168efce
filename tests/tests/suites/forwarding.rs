//! Three destinations behind every kind of service, by every forwarding method, of which one at a
//! time is changed or deleted.

use ipvs::{Client, Destination, Encapsulation, Forwarding, Service, ServiceId};
use ipvs_lab::in_namespace;

use crate::common::{client, destination, destinations, every_kind, every_tunnel, saved};

/// Every method there is, with ipvsadm's name of it in front of the weight and behind it.
fn methods() -> Vec<(Forwarding, &'static str, String)> {
    let tunnels = every_tunnel();
    let tunnels = tunnels
        .into_iter()
        .map(|(tunnel, shown)| (Forwarding::Tunnel(tunnel), "-i", format!(" {shown}")));
    let others = [(Forwarding::Masquerade, "-m"), (Forwarding::Direct, "-g")];
    let others = others.map(|(method, shown)| (method, shown, String::new()));
    others.into_iter().chain(tunnels).collect()
}

/// Three of them behind this service: one port for all methods, that of the service.
fn three(service: ServiceId, forwarding: Forwarding) -> [Destination; 3] {
    let ipip = Forwarding::Tunnel(Encapsulation::Ipip);
    let first = destination(service, service.family(), ipip).forwarding(forwarding);
    [1, 2, 3].map(|number| {
        let mut one = first.weight(number);
        one.id.address = match one.id.address {
            std::net::IpAddr::V4(_) => format!("198.51.100.{number}").parse().unwrap(),
            std::net::IpAddr::V6(_) => format!("2001:db8:1::{number}").parse().unwrap(),
        };
        one
    })
}

/// These are the destinations, in any order.
#[track_caller]
fn assert_are(ipvs: &mut Client, service: (ServiceId, &str), expected: &[Destination]) {
    let mut found = destinations(ipvs, service.0);
    found.sort_by_key(|one| one.id);
    assert_eq!(found, expected, "{}", service.1);
}

/// The same as ipvsadm has them.
#[track_caller]
fn assert_saved(named: &str, expected: &[Destination]) {
    let methods = methods();
    let line = |one: &Destination| {
        let is_it = |method: &&(Forwarding, &str, String)| method.0 == one.forwarding;
        let (_, flag, tunnel) = methods.iter().find(is_it).unwrap();
        format!("-a {named} -r {} {flag} -w {}{tunnel}", one.id, one.weight)
    };
    let lines: Vec<_> = expected.iter().map(line).collect();
    let saved = saved();
    assert_eq!(saved.lines().skip(1).collect::<Vec<_>>(), lines);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_of_three_destinations_takes_every_method_and_the_others_stay() {
    in_namespace(|| {
        let mut ipvs = client();
        for service in every_kind() {
            let (id, named) = service;
            ipvs.add_service(&Service::new(id)).unwrap();
            for (forwarding, ..) in methods() {
                let mut all = three(id, forwarding);
                for one in &all {
                    ipvs.add_destination(id, one).unwrap();
                }
                assert_are(&mut ipvs, service, &all);
                assert_saved(named, &all);
                for (other, ..) in methods() {
                    all[1].forwarding = other;
                    all[1].weight += 1;
                    ipvs.update_destination(id, &all[1]).unwrap();
                    assert_are(&mut ipvs, service, &all);
                }
                assert_saved(named, &all);

                ipvs.delete_destination(id, all[1].id).unwrap();
                assert_are(&mut ipvs, service, &[all[0], all[2]]);
                for left in [all[0], all[2]] {
                    ipvs.delete_destination(id, left.id).unwrap();
                }
                assert_are(&mut ipvs, service, &[]);
            }
            ipvs.delete_service(id).unwrap();
        }
    });
}
