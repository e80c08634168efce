//! What becomes of new clients, as it is computed and as it happens.

use std::net::TcpStream;
use std::num::NonZeroU32;

use ipvs::{
    CacheBypass, Client, Destination, Family, Forwarding, NewClients, NoneAvailable, Scheduler,
    SchedulerFlags, Service, ServiceId, settings,
};
use ipvs_lab::in_namespace;
use ipvs_lab::site::Site;

use crate::common::traffic::{connect_from, echo_at, own};
use crate::common::{client, endpoint, mark, web};

const CLIENTS: usize = 24;

fn client_address(number: usize) -> String {
    format!("203.0.113.{}", number + 1)
}

/// How many of the clients get a connection.
fn served() -> usize {
    let clients = (0..CLIENTS).map(client_address);
    let connected =
        clients.filter(|client| connect_from(&format!("{client}:0"), "192.0.2.10:80", 0).is_ok());
    connected.count()
}

/// A server of a state. Each state has ports of its own: a destination that is added again has its old
/// connections.
fn server(state: State, number: u8) -> Destination {
    let port = 8080 + state as u16;
    Destination::new(endpoint(&format!("198.51.100.{number}:{port}")))
        .forwarding(Forwarding::Masquerade)
}

/// The state of three servers, the first of which is special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    AllAvailable,
    OneDrained,
    AllDrained,
    OneFull,
    AllFull,
    OneOverWeight,
    AllOverWeight,
    NoServer,
}

const STATES: [State; 8] = [
    State::AllAvailable,
    State::OneDrained,
    State::AllDrained,
    State::OneFull,
    State::AllFull,
    State::OneOverWeight,
    State::AllOverWeight,
    State::NoServer,
];

/// Makes the service with its servers in this state. The connections are what fills the first one.
fn make(ipvs: &mut Client, service: &Service, state: State) -> Vec<TcpStream> {
    ipvs.add_service(service).unwrap();
    let busy = |server: Destination| match state {
        State::OneFull | State::AllFull => server.upper_threshold(NonZeroU32::MIN),
        _ => server,
    };
    let connections = match state {
        State::OneFull | State::AllFull => 1,
        State::OneOverWeight | State::AllOverWeight => 2,
        _ => 0,
    };
    if state != State::NoServer {
        ipvs.add_destination(service.id, &busy(server(state, 7)))
            .unwrap();
    }
    let connect = |_| connect_from("203.0.113.200:0", "192.0.2.10:80", 0).ok();
    let connected = (0..connections).filter_map(connect).collect();
    if matches!(
        state,
        State::AllAvailable
            | State::OneDrained
            | State::AllDrained
            | State::OneFull
            | State::OneOverWeight
    ) {
        for number in [8, 9] {
            ipvs.add_destination(service.id, &server(state, number))
                .unwrap();
        }
    }
    let drained: &[u8] = match state {
        State::OneDrained => &[7],
        State::AllDrained => &[7, 8, 9],
        _ => &[],
    };
    for number in drained {
        let drained = server(state, *number).weight(0);
        ipvs.update_destination(service.id, &drained).unwrap();
    }
    connected
}

fn predicted(ipvs: &mut Client, id: ServiceId) -> NewClients {
    let servers = ipvs.virtual_servers().unwrap();
    let server = servers.iter().find(|it| it.service.service.id == id);
    let bypass = ipvs.setting(&settings::CACHE_BYPASS).unwrap();
    server.unwrap().new_clients(CacheBypass::from(bypass))
}

fn services() -> Vec<Service> {
    let mut services: Vec<_> = [
        "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
        "none",
    ]
    .into_iter()
    .map(|name| Service::new(web()).scheduler(name.parse().unwrap()))
    .collect();
    services.extend(["sh", "mh"].map(|name| {
        Service::new(web())
            .scheduler(name.parse().unwrap())
            .scheduler_flags(SchedulerFlags::FALLBACK)
    }));
    services
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn new_clients_are_served_and_refused_as_computed_by_every_scheduler_in_every_state() {
    let mut wrong = Vec::new();
    for service in services() {
        in_namespace(|| {
            // On `lo`, every address of a prefix belongs to the host.
            own(&["192.0.2.10/32", "198.51.100.1/24", "203.0.113.1/24"]);
            let mut ipvs = client();
            for state in STATES {
                for number in [7, 8, 9] {
                    echo_at(&server(state, number).id.to_string());
                }
                let _connected = make(&mut ipvs, &service, state);
                let predicted = predicted(&mut ipvs, service.id);
                let served = served();
                let is_right = match &predicted {
                    NewClients::Served => served == CLIENTS,
                    // All clients ask for one address: one server is theirs.
                    NewClients::ShareRefused { remedy: None, .. } => [0, CLIENTS].contains(&served),
                    NewClients::ShareRefused { .. } => (1..CLIENTS).contains(&served),
                    NewClients::Refused(_) => served == 0,
                    _ => false,
                };
                if !is_right {
                    let name = &service.scheduler;
                    wrong.push(format!("{name} {state:?}: {served}, {predicted:?}"));
                }
                ipvs.delete_service(service.id).unwrap();
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn cache_bypass_lets_a_mark_without_destinations_through_and_nothing_else() {
    let site = Site::new(&[("director", "10.10.10.11/24"), ("server", "10.10.10.12/24")]);
    site.host("server").enter(|| echo_at("10.10.10.12:80"));
    site.host("director").enter(|| {
        let connects = |mark| connect_from("10.10.10.11:0", "10.10.10.12:80", mark).is_ok();
        let by_mark = ServiceId::fwmark(mark(7), Family::Ipv4);
        let by_address = ServiceId::tcp(endpoint("10.10.10.12:80"));
        let mut ipvs = client();
        for id in [by_mark, by_address] {
            ipvs.add_service(&Service::new(id)).unwrap();
        }
        let refused = NewClients::Refused(NoneAvailable::NoDestination);
        let bypassed = NewClients::Bypassed(NoneAvailable::NoDestination);
        assert_eq!(predicted(&mut ipvs, by_mark), refused);
        assert_eq!((connects(7), connects(0)), (false, false));

        ipvs.set_setting(&settings::CACHE_BYPASS, true).unwrap();
        assert_eq!(predicted(&mut ipvs, by_mark), bypassed);
        assert_eq!(predicted(&mut ipvs, by_address), refused);
        assert_eq!((connects(7), connects(0)), (true, false));

        let unscheduled = Service::new(by_mark).scheduler(Scheduler::NONE);
        ipvs.update_service(&unscheduled).unwrap();
        let bypassed = NewClients::Bypassed(NoneAvailable::NoScheduler);
        assert_eq!(predicted(&mut ipvs, by_mark), bypassed);
        assert!(connects(7));
    });
}
