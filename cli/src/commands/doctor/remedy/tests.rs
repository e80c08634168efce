//! Every line of ours is one that this program takes, and does what the remedy says.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Parser;
use ipvs::{
    Change, Destination, Encapsulation, Endpoint, Family, Forwarding, GreChecksum, GueChecksum,
    Netmask, Persistence, PersistenceEngine, Service, ServiceId, SyncDaemon, SyncRole, Timeouts,
};
use lbnet::doctor::Confinement;
use lbnet::{
    AdvertisedMss, DeviceName, Director, GreChecksum as ReceivedChecksum, HostRoute, IpPrefix,
    Ipv4Setting, Module, Placement, RealServer, ServerPlacement, SetUp, Sysctl, Tunnel,
};

use super::*;
use crate::command::Cli;

fn line(remedy: &Remedy, netns: Option<&NetnsName>) -> String {
    super::line(remedy, netns).to_string()
}

fn service_ids() -> [ServiceId; 6] {
    let four: Endpoint = "10.10.10.100:80".parse().unwrap();
    let six: Endpoint = "[fd00::100]:53".parse().unwrap();
    let every_port: Endpoint = "10.10.10.100".parse().unwrap();
    let mark = "7".parse().unwrap();
    [
        ServiceId::tcp(four),
        ServiceId::udp(six),
        ServiceId::sctp(four),
        ServiceId::tcp(every_port),
        ServiceId::fwmark(mark, Family::Ipv4),
        ServiceId::fwmark(mark, Family::Ipv6),
    ]
}

/// Services that have nothing in common but their names.
fn services(id: ServiceId) -> [Service; 3] {
    let plain = Service::new(id);
    let hashed = plain.clone().scheduler("mh".parse().unwrap());
    let flags = ipvs::SchedulerFlags::from_names(&["mh-port"], &hashed.scheduler).unwrap();
    let netmask = match id.family() {
        Family::Ipv4 => "255.255.255.0".parse::<Netmask>(),
        Family::Ipv6 => "64".parse::<Netmask>(),
    };
    let persistence = Persistence::new(Duration::from_secs(300)).netmask(netmask.unwrap());
    let sticky = plain.clone().persistent(persistence);
    let engine = "sip".parse::<PersistenceEngine>().unwrap();
    [
        plain,
        hashed.scheduler_flags(flags).one_packet(),
        sticky.persistence_engine(engine),
    ]
}

fn destinations() -> Vec<Destination> {
    let plain = Destination::new("10.10.10.12:80".parse::<Endpoint>().unwrap());
    let port = "6080".parse().unwrap();
    let gue = |checksum| Encapsulation::Gue { port, checksum };
    let gre = |checksum| Encapsulation::Gre { checksum };
    let tunnels = [
        Encapsulation::Ipip,
        gue(GueChecksum::None),
        gue(GueChecksum::Full),
        gue(GueChecksum::Remote),
        gre(GreChecksum::None),
        gre(GreChecksum::Full),
    ];
    let limited = plain.weight(0).upper_threshold("100".parse().unwrap());
    let mut all = vec![
        plain,
        plain.forwarding(Forwarding::Masquerade).weight(5),
        limited.lower_threshold("90".parse().unwrap()),
        Destination::new("[fd00::12]:8080".parse::<Endpoint>().unwrap()),
        Destination::new("10.10.10.12".parse::<Endpoint>().unwrap()),
    ];
    all.extend(tunnels.map(|tunnel| plain.forwarding(Forwarding::Tunnel(tunnel))));
    all
}

fn daemons() -> [SyncDaemon; 2] {
    let master = SyncDaemon::new(SyncRole::Master, "eth0");
    let backup = SyncDaemon::new(SyncRole::Backup, "eth1").sync_id(7);
    let group = "224.0.0.81".parse().unwrap();
    let backup = backup.group(group).port("8848".parse().unwrap());
    let length = "1472".parse().unwrap();
    [master, backup.ttl("1".parse().unwrap()).max_length(length)]
}

fn changes() -> Vec<Change> {
    let timeouts = Timeouts::default().tcp(Duration::from_secs(7260));
    let to = timeouts.tcp_fin(Duration::from_secs(60));
    let to = to.udp(Duration::from_secs(30));
    let mut all = vec![Change::SetTimeouts { from: timeouts, to }];
    for id in service_ids() {
        let services = services(id);
        for from in &services {
            all.push(Change::AddService(from.clone()));
            all.push(Change::DeleteService(from.clone()));
            for to in services.iter().filter(|to| *to != from) {
                all.push(Change::UpdateService {
                    from: Box::new(from.clone()),
                    to: Box::new(to.clone()),
                });
            }
        }
        for destination in destinations() {
            all.push(Change::AddDestination {
                service: id,
                destination,
            });
            all.push(Change::DeleteDestination {
                service: id,
                destination,
            });
            for from in destinations() {
                if from != destination && from.id == destination.id {
                    all.push(Change::UpdateDestination {
                        service: id,
                        from,
                        to: destination,
                    });
                }
            }
        }
    }
    for daemon in daemons() {
        all.push(Change::StartSyncDaemon(daemon.clone()));
        all.push(Change::StopSyncDaemon(daemon));
    }
    all
}

fn eth0() -> DeviceName {
    "eth0".parse().unwrap()
}

fn directors() -> Vec<Director> {
    let new = |vip: &str| Director::new(vip.parse().unwrap(), eth0());
    let placed = |placement| new("10.10.10.100").placement(placement);
    vec![
        new("10.10.10.100/24").label("eth0:0"),
        new("fd00::100").masquerade(),
        placed(Placement::Loopback).gateway_on("eth1".parse().unwrap()),
        placed(Placement::Dummy("ipvs0".parse().unwrap()))
            .track_connections()
            .reschedule_clients(),
        placed(Placement::Route).unannounced(),
    ]
}

fn tunnels() -> [Tunnel; 4] {
    [
        Tunnel::ipip(),
        Tunnel::gue("6080".parse().unwrap()).local("fd00::12".parse().unwrap()),
        Tunnel::gre(ReceivedChecksum::None),
        Tunnel::gre(ReceivedChecksum::Full),
    ]
}

fn real_servers() -> Vec<RealServer> {
    let direct = RealServer::new("10.10.10.100".parse().unwrap(), eth0());
    let tunnels = tunnels().map(|tunnel| direct.clone().tunnel(tunnel));
    let on_device = direct.clone().placement(ServerPlacement::Device);
    let direct = [direct, on_device];
    direct.into_iter().chain(tunnels).collect()
}

fn open() -> Vec<Open> {
    let vip: IpAddr = "10.10.10.100".parse().unwrap();
    let mut all = vec![
        Open::AddService,
        Open::SetUpDirector(IpPrefix::host(vip)),
        Open::AddRoute(vip),
        Open::AddAddress(eth0()),
        Open::AddRule(IpPrefix::host(vip)),
        Open::GatewayIsTheDirector,
        Open::AdvertiseSegment { segment: 1440 },
        Open::Serve(None),
        Open::Serve(Some((Protocol::Udp, "53".parse().unwrap()))),
    ];
    all.extend(service_ids().map(Open::AddDestination));
    all.extend(daemons().map(Open::StartSyncDaemon));
    for tunnel in tunnels().map(Some).into_iter().chain([None]) {
        for vip in [Some(vip), None] {
            all.push(Open::SetUpRealServer { vip, tunnel });
        }
    }
    all
}

/// Remedies of every kind whose line is a command of this program.
fn ours() -> Vec<Remedy> {
    let set_ups = directors().into_iter().map(SetUp::Director);
    let set_ups = set_ups.chain(real_servers().into_iter().map(SetUp::RealServer));
    set_ups
        .map(Remedy::SetUp)
        .chain(changes().into_iter().map(Remedy::Change))
        .collect()
}

/// The words of a line as a shell hands them over. The comment is gone, and the operator has replaced
/// what is in capitals.
fn words(line: &str) -> Vec<String> {
    let (command, _) = line.split_once("  # ").unwrap_or((line, ""));
    let replaced = command
        .replace("VIP:PORT", "192.0.2.100:80")
        .replace("ADDRESS", "192.0.2.12")
        .replace("DEVICE", "eth0")
        .replace("VIP", "192.0.2.100");
    // No word of these has a blank or a quotation mark of its own.
    let words = replaced.split(' ').map(|word| word.trim_matches('\''));
    words.map(str::to_owned).collect()
}

#[track_caller]
fn taken(line: &str) -> Cli {
    match Cli::try_parse_from(words(line)) {
        Ok(cli) => cli,
        Err(error) => panic!("{line}\n{error}"),
    }
}

#[test]
fn every_line_of_ours_is_one_that_this_program_takes() {
    let mut count = 0;
    for remedy in ours() {
        for netns in [None, "web".parse().ok()] {
            let line = line(&remedy, netns.as_ref());
            assert!(line.starts_with("ipvs-rs "), "{line}");
            let cli = taken(&line);
            if let Remedy::SetUp(set_up) = &remedy {
                assert_eq!(cli.set_ups(), std::slice::from_ref(set_up), "{line}");
            }
        }
        let there = remedy.clone();
        let there = Remedy::OnHost {
            host: "10.10.10.12".parse().unwrap(),
            remedy: Box::new(there),
        };
        let there = line(&there, "web".parse().ok().as_ref());
        assert!(
            there.ends_with("  # on 10.10.10.12") && !there.contains("web"),
            "{there}"
        );
        taken(&there);
        count += 1;
    }
    assert!(count > 200, "{count}");
}

#[test]
fn an_open_line_is_one_that_this_program_takes_once_it_is_complete() {
    let lines = open()
        .into_iter()
        .map(|open| line(&Remedy::Open(open), None));
    let ours: Vec<_> = lines.filter(|line| line.starts_with("ipvs-rs ")).collect();
    for line in &ours {
        taken(line);
    }
    assert_eq!(ours.len(), 20);
}

/// Every remedy that tests of this file print.
fn samples() -> Vec<Remedy> {
    let others = of_others().into_iter().map(|(remedy, _)| remedy);
    let there = Remedy::OnHost {
        host: "10.10.10.12".parse().unwrap(),
        remedy: Box::new(Remedy::SwitchOn(eth0())),
    };
    let outside = Remedy::Outside {
        remedy: Box::new(Remedy::LoadModule(Module::IpVs)),
        within: Confinement::UserNamespace,
    };
    let open = open().into_iter().map(Remedy::Open);
    ours()
        .into_iter()
        .chain(others)
        .chain(open)
        .chain([there, outside])
        .collect()
}

/// A new kind of remedy is printed as a bare comment until somebody writes its line, and a sample of
/// it here.
#[test]
fn no_kind_of_remedy_is_without_a_sample() {
    let mut types = BTreeSet::new();
    let mut open = BTreeSet::new();
    for remedy in samples() {
        let is_outside = matches!(remedy, Remedy::Outside { .. });
        assert_eq!(line(&remedy, None).starts_with('#'), is_outside, "{remedy}");
        let data = serde_json::to_value(remedy).unwrap();
        let name = |key: &str| data.get(key).and_then(|it| it.as_str()).map(str::to_owned);
        types.extend(name("type"));
        open.extend(name("open"));
    }
    let all = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    let mut known: BTreeSet<String> = all(Remedy::TYPES);
    // What a later version of `ipvs` may be able to change.
    known.remove("change");
    assert_eq!(types, known);
    assert_eq!(open, all(Open::TYPES));
}

#[test]
fn a_line_says_all_that_a_change_changes_and_nothing_else() {
    let id = ServiceId::tcp("10.10.10.100:80".parse::<Endpoint>().unwrap());
    let from = Destination::new("10.10.10.12:80".parse::<Endpoint>().unwrap());
    let update = |to| {
        let change = Change::UpdateDestination {
            service: id,
            from,
            to,
        };
        line(&Remedy::Change(change), None)
    };
    let edit = "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12";
    assert_eq!(update(from.weight(5)), format!("{edit} -w 5"));
    let ipip = Forwarding::Tunnel(Encapsulation::Ipip);
    assert_eq!(
        update(from.forwarding(ipip)),
        format!("{edit} --tunnel ipip")
    );

    let [plain, hashed, sticky] = services(id);
    let update = |from: &Service, to: &Service| {
        let change = Change::UpdateService {
            from: Box::new(from.clone()),
            to: Box::new(to.clone()),
        };
        line(&Remedy::Change(change), None)
    };
    let edit = "ipvs-rs edit-service -t 10.10.10.100:80";
    assert_eq!(
        update(&plain, &hashed),
        format!("{edit} -s mh -b mh-port -o")
    );
    assert_eq!(
        update(&plain, &sticky),
        format!("{edit} -p 300 -M 255.255.255.0 --pe sip")
    );
    assert_eq!(
        update(&sticky, &plain),
        format!("{edit} --no-persistence --no-pe")
    );
}

/// Remedies whose lines are commands of other programs, with these lines.
fn of_others() -> Vec<(Remedy, &'static str)> {
    let vip: IpAddr = "10.10.10.100".parse().unwrap();
    let address = |prefix: &str| Address::new(prefix.parse().unwrap(), eth0());
    vec![
        (
            Remedy::SetSysctl {
                key: Sysctl::Ipv4(Ipv4Setting::IpForward),
                value: 1,
            },
            "sysctl -w net.ipv4.ip_forward=1",
        ),
        (Remedy::LoadModule(Module::IpVs), "modprobe ip_vs"),
        (Remedy::SwitchOn(eth0()), "ip link set eth0 up"),
        (
            Remedy::SetMtu {
                device: eth0(),
                mtu: 1520,
            },
            "ip link set eth0 mtu 1520  # if every host in its network accepts such packets",
        ),
        (
            Remedy::DeleteAddress(address("10.10.10.100/24")),
            "ip address delete 10.10.10.100/24 dev eth0",
        ),
        (
            Remedy::DeprecateAddress(address("fd00::100")),
            "ip address change fd00::100/128 dev eth0 valid_lft forever preferred_lft 0",
        ),
        (
            Remedy::AddRule(Rule::new(IpPrefix::host(vip), 100).priority(32_764)),
            "ip rule add from 10.10.10.100/32 lookup 100 priority 32764",
        ),
        (
            Remedy::AddRoute(HostRoute::new(vip, eth0())),
            "ip route replace 10.10.10.100 dev eth0",
        ),
        (
            Remedy::DeleteRoute(HostRoute::local(vip)),
            "ip route delete local 10.10.10.100 dev lo table local",
        ),
        (
            Remedy::ReplaceDefaultGateway(vip),
            "ip route replace default via 10.10.10.100",
        ),
        (
            Remedy::Ping(vip),
            "ping -c 3 10.10.10.100  # if it answers, nothing is wrong",
        ),
        (
            Remedy::WriteFile {
                path: "/etc/systemd/network/10-lan.network.d/ipvs-rs.conf".into(),
                text: "[Network]\nKeepConfiguration=static\n".to_owned(),
                read: ConfigurationRead::OnReload,
            },
            "mkdir -p /etc/systemd/network/10-lan.network.d && printf \
             '[Network]\\nKeepConfiguration=static\\n' \
             >/etc/systemd/network/10-lan.network.d/ipvs-rs.conf",
        ),
        (
            Remedy::OfOthers {
                program: "networkctl".to_owned(),
                arguments: vec!["reload".to_owned()],
            },
            "networkctl reload",
        ),
        (
            Remedy::AdvertiseMss(advertised()),
            "ip route change default via 10.10.10.1 dev eth0 metric 100 advmss 1440",
        ),
        (
            Remedy::ChangeGateway {
                route: leased(),
                gateway: vip,
            },
            "ip route replace default via 10.10.10.100 dev eth0 onlink src 10.10.10.12 proto 16 metric \
             100 mtu 1400",
        ),
    ]
}

/// A route of a DHCP client.
fn leased() -> Route {
    let mut route = advertised().route;
    route.source = "10.10.10.12".parse().ok();
    route.protocol = 16;
    route.mtu = Some(1400);
    route.gateway_check = GatewayCheck::OnLink;
    route
}

/// The limit for a route that the kernel reports.
fn advertised() -> AdvertisedMss {
    let mut route = Route::default_through(eth0());
    route.gateway = "10.10.10.1".parse().ok();
    route.metric = 100;
    AdvertisedMss::new(route, 1440)
}

#[test]
fn commands_of_others_are_those_that_set_up_the_same() {
    for (remedy, line) in of_others() {
        assert_eq!(super::line(&remedy, None).to_string(), line);
    }
}

#[test]
fn what_only_the_operator_knows_is_in_capitals() {
    let vip: IpAddr = "10.10.20.12".parse().unwrap();
    for (open, typed) in [
        (Open::AddRoute(vip), "ip route add 10.10.20.12 via GATEWAY"),
        (
            Open::AddAddress(eth0()),
            "ip address add ADDRESS/PREFIX dev eth0",
        ),
        (
            Open::AddRule(IpPrefix::host("fd00::100".parse().unwrap())),
            "ip -6 rule add from fd00::100/128 lookup TABLE  # its routes lead to the clients by the \
             device that they arrive on",
        ),
        (
            Open::GatewayIsTheDirector,
            "ip route replace default via DIRECTOR",
        ),
        (
            Open::AdvertiseSegment { segment: 1440 },
            "ip route change default via GATEWAY advmss 1440",
        ),
        (
            Open::Serve(Some((Protocol::Tcp, "80".parse().unwrap()))),
            "ss --listening --numeric --processes --tcp 'sport = 80'  # shows which programs \
             listen, and where",
        ),
    ] {
        assert_eq!(line(&Remedy::Open(open), None), typed);
    }
}
