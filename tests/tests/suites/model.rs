//! A table that is changed step by step, and after every step equals a model that the test keeps: as
//! we read it and as the kernel's own list has it; after every round also as ipvsadm does, whose
//! start takes longer than a step.

mod site;
mod words;

use ipvs::{
    Destination, Encapsulation, Endpoint, Family, Forwarding, Netmask, Persistence, Protocol,
    Scheduler, Service, ServiceId,
};

use crate::common::{endpoint, mark, seconds};
use site::{Hand, by_each_hand};

/// TCP, UDP and marks, IPv4 and IPv6, two of each; a few of them for the program, which has to be
/// started for each step.
fn ids(hand: Hand) -> Vec<ServiceId> {
    let of_one = |last: u8| {
        let v4 = Endpoint::new([192, 0, 2, last].into(), 80);
        let v6 = endpoint(&format!("[2001:db8::{last}]:80"));
        let mark = mark(last.into());
        [
            ServiceId::tcp(v4),
            ServiceId::udp(v6),
            ServiceId::fwmark(mark, Family::Ipv6),
            ServiceId::tcp(v6),
            ServiceId::udp(v4),
            ServiceId::fwmark(mark, Family::Ipv4),
        ]
    };
    let count = match hand {
        Hand::Library => 12,
        Hand::Program => 3,
    };
    [10, 11].into_iter().flat_map(of_one).take(count).collect()
}

fn is_tcp(id: ServiceId) -> bool {
    matches!(
        id,
        ServiceId::Address {
            protocol: Protocol::Tcp,
            ..
        }
    )
}

fn masked(id: ServiceId, timeout: u64, [v4, v6]: [&str; 2]) -> Persistence {
    let mask = match id.family() {
        Family::Ipv4 => v4,
        Family::Ipv6 => v6,
    };
    let mask: Netmask = mask.parse().unwrap();
    Persistence::new(seconds(timeout)).netmask(mask)
}

/// What services are added with, one after another.
const SETTINGS: [fn(ServiceId) -> Service; 5] = [
    Service::new,
    |id| Service::new(id).scheduler(Scheduler::ROUND_ROBIN),
    |id| Service::new(id).persistent(seconds(12)),
    |id| {
        if is_tcp(id) {
            Service::new(id)
        } else {
            Service::new(id).one_packet()
        }
    },
    |id| {
        let persistence = masked(id, 12, ["255.255.255.0", "112"]);
        let service = Service::new(id).scheduler(Scheduler::ROUND_ROBIN);
        let service = service.persistent(persistence);
        if is_tcp(id) {
            service
        } else {
            service.one_packet()
        }
    },
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_come_and_go_in_any_order() {
    by_each_hand(|site| {
        let ids = ids(site.hand);
        for of in SETTINGS {
            for id in &ids {
                site.add(of(*id));
            }
            site.confirm();
            // Mixed: of twelve the sixth, the eleventh, the fourth …
            for step in 1..=ids.len() {
                let id = ids[step * 5 % ids.len()];
                site.delete(id);
                if step % 4 == 0 {
                    site.add(of(id));
                    site.delete(id);
                }
            }
            assert_eq!(site.model.len(), 0);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_change_one_at_a_time() {
    by_each_hand(|site| {
        let ids = ids(site.hand);
        for id in &ids {
            site.add(Service::new(*id));
        }
        let rr = |id| Service::new(id).scheduler(Scheduler::ROUND_ROBIN);
        for id in ids.clone() {
            site.change(rr(id));
            for timeout in [12, 14, 16] {
                site.change(Service::new(id).persistent(seconds(timeout)));
            }
            for masks in [["255.255.255.0", "127"], ["255.255.0.0", "126"]] {
                site.change(rr(id).persistent(masked(id, 16, masks)));
            }
        }
        site.confirm();
        for id in ids {
            site.change(rr(id).persistent(seconds(16)));
            if !is_tcp(id) {
                site.change(rr(id).persistent(seconds(16)).one_packet());
                site.change(Service::new(id).one_packet());
            }
        }
        site.confirm();
    });
}

fn methods() -> [Forwarding; 3] {
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    [Forwarding::Direct, tunnel, Forwarding::Masquerade]
}

/// The one of this number behind a service.
fn server(service: ServiceId, number: u8) -> Destination {
    let address = match service.family() {
        Family::Ipv4 => endpoint(&format!("198.51.100.{number}")),
        Family::Ipv6 => endpoint(&format!("2001:db8:1::{number}")),
    };
    let port = match service {
        ServiceId::Address { endpoint, .. } => endpoint.port,
        _ => None,
    };
    Destination::new(Endpoint { port, ..address })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn destinations_come_and_go() {
    by_each_hand(|site| {
        let ids = ids(site.hand);
        for id in &ids {
            site.add(Service::new(*id));
        }
        let mut weights = (2..=10).cycle();
        for id in ids.clone() {
            let servers = [1, 2, 3].map(|number| {
                let forwarding = methods()[usize::from(number) - 1];
                let server = server(id, number).forwarding(forwarding);
                server.weight(weights.next().unwrap())
            });
            for server in servers {
                site.add_destination(id, server);
            }
            site.delete_destination(id, servers[1].id);
            site.add_destination(id, servers[1].weight(1));
            site.delete_destination(id, servers[0].id);
        }
        site.confirm();
        // With what is left behind them.
        for id in ids.into_iter().step_by(3) {
            site.delete(id);
        }
        site.confirm();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn destinations_change_one_at_a_time() {
    by_each_hand(|site| {
        let ids = ids(site.hand);
        for id in ids.clone() {
            site.add(Service::new(id));
            for number in [1, 2] {
                site.add_destination(id, server(id, number));
            }
            for (forwarding, weight) in methods().into_iter().zip([50, 2, 0]) {
                site.change_destination(id, server(id, 1).forwarding(forwarding).weight(weight));
            }
            site.change_destination(id, server(id, 1).weight(55));
            site.change_destination(id, server(id, 2).weight(2_147_483_647));
        }
        site.confirm();
        for id in ids {
            site.change_destination(id, server(id, 1));
        }
        site.confirm();
    });
}
