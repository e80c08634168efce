//! The file, as people write it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod common;

use common::{endpoint, mark, seconds};
use ipvs::{
    Destination, Encapsulation, Family, Forwarding, GreChecksum, GueChecksum, Persistence,
    Protocol, Scheduler, SchedulerFlags, Service, ServiceId, Table, Timeouts, VirtualServer,
};

fn table(services: impl IntoIterator<Item = VirtualServer>) -> Table {
    Table::new(Timeouts::default(), services)
}

/// It is no table, and the message has these parts: the line among them.
#[track_caller]
fn assert_wrong(file: &str, parts: &[&str]) {
    let message = toml::from_str::<Table>(file).unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

#[test]
fn a_file_as_the_documentation_shows_it() {
    let file = r#"
        [timeouts]
        tcp = "15m"

        [[service]]
        tcp = "10.10.10.100:80"
        scheduler = "rr"
        persistence = { timeout = "5m", netmask = "255.255.255.0" }

        [[service.destination]]
        address = "10.10.10.12:80"
        forward = "direct"
        weight = 1
    "#;
    let persistence = Persistence::new(seconds(300)).netmask("255.255.255.0".parse().unwrap());
    let service = Service::tcp(endpoint("10.10.10.100:80"))
        .scheduler(Scheduler::ROUND_ROBIN)
        .persistent(persistence);
    let server = Destination::new(endpoint("10.10.10.12:80"));
    let expected = Table::new(
        Timeouts::default().tcp(seconds(900)),
        [VirtualServer::new(service, [server])],
    );
    assert_eq!(toml::from_str::<Table>(file).unwrap(), expected);
}

#[test]
fn the_example_in_docs_file_md() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/file.md"));
    let page = page.unwrap();
    let example = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let table: Table = toml::from_str(example.expect("an example")).unwrap();
    assert_eq!(table.virtual_servers.len(), 1);
    assert_eq!(table.virtual_servers[0].destinations.len(), 2);
    let again = toml::from_str(&toml::to_string(&table).unwrap());
    assert_eq!(again, Ok(table));
}

#[test]
fn what_is_left_out_has_its_default() {
    assert_eq!(toml::from_str::<Table>("").unwrap(), Table::default());
    let file = "[[service]]\nudp = \"192.0.2.1:53\"\n[[service.destination]]\n\
                address = \"198.51.100.2:53\"\n[[service]]\nfwmark = 7";
    let udp = Service::udp(endpoint("192.0.2.1:53"));
    let server = Destination::new(endpoint("198.51.100.2:53"));
    let expected = table([
        VirtualServer::new(udp, [server]),
        VirtualServer::new(Service::fwmark(mark(7), Family::Ipv4), []),
    ]);
    assert_eq!(toml::from_str::<Table>(file).unwrap(), expected);
    let [first, second] = &expected.virtual_servers[..] else {
        panic!("{expected:?}");
    };
    assert_eq!(first.service.scheduler.name(), "wlc");
    assert_eq!(first.destinations[0].weight, 1);
    assert_eq!(first.destinations[0].forwarding, Forwarding::Direct);
    assert_eq!(second.service.persistence, None);
}

#[test]
fn everything_that_can_be_said() {
    let file = r#"
        [timeouts]
        tcp = "7200"
        tcp-fin = "1h 30m"
        udp = "300s"

        [[service]]
        sctp = "[2001:db8::10]:2905"
        scheduler = "mh"
        scheduler-flags = ["mh-port", "flag-3"]
        persistence = { timeout = "60s", netmask = "64" }

        [[service]]
        udp = "192.0.2.1:5060"
        one-packet = true
        persistence-engine = "sip"
        persistence = { timeout = "60s" }

        [[service]]
        tcp = "192.0.2.1"
        persistence = { timeout = "1m" }

        [[service]]
        fwmark = 4294967295
        family = "ipv6"

        [[service.destination]]
        address = "[2001:db8::21]:80"
        forward = "masquerade"
        weight = 2147483647
        upper-threshold = 100
        lower-threshold = 10

        [[service.destination]]
        address = "198.51.100.2"
        forward = "tunnel"
        tunnel = { type = "gue", port = 6080, checksum = "remote" }
        weight = 0

        [[service.destination]]
        address = "198.51.100.3"
        forward = "tunnel"
        tunnel = { type = "gre", checksum = "full" }

        [[service.destination]]
        address = "198.51.100.4"
        forward = "tunnel"
    "#;
    let sctp = Service::sctp(endpoint("[2001:db8::10]:2905"))
        .scheduler(Scheduler::MAGLEV_HASHING)
        .scheduler_flags(SchedulerFlags::PORT | SchedulerFlags::FLAG_3)
        .persistent(Persistence::new(seconds(60)).netmask("64".parse().unwrap()));
    let sip = Service::udp(endpoint("192.0.2.1:5060"))
        .one_packet()
        .persistence_engine("sip".parse().unwrap())
        .persistent(seconds(60));
    let every_port = Service::tcp(endpoint("192.0.2.1")).persistent(seconds(60));
    let tunnel = |address, tunnel| {
        Destination::new(endpoint(address)).forwarding(Forwarding::Tunnel(tunnel))
    };
    let (port, checksum) = (6080.try_into().unwrap(), GueChecksum::Remote);
    let destinations = [
        Destination::new(endpoint("[2001:db8::21]:80"))
            .forwarding(Forwarding::Masquerade)
            .weight(2_147_483_647)
            .upper_threshold(mark(100))
            .lower_threshold(mark(10)),
        tunnel("198.51.100.2", Encapsulation::Gue { port, checksum }).weight(0),
        tunnel(
            "198.51.100.3",
            Encapsulation::Gre {
                checksum: GreChecksum::Full,
            },
        ),
        tunnel("198.51.100.4", Encapsulation::Ipip),
    ];
    let marked = Service::fwmark(mark(u32::MAX), Family::Ipv6);
    let expected = Table::new(
        Timeouts::default()
            .tcp(seconds(7200))
            .tcp_fin(seconds(5400))
            .udp(seconds(300)),
        [
            VirtualServer::new(sctp, []),
            VirtualServer::new(sip, []),
            VirtualServer::new(every_port, []),
            VirtualServer::new(marked, destinations),
        ],
    );
    assert_eq!(toml::from_str::<Table>(file).unwrap(), expected);
    let again = toml::from_str::<Table>(&toml::to_string(&expected).unwrap());
    assert_eq!(again.unwrap(), expected);
}

#[test]
fn a_key_that_means_nothing_is_named_with_its_line() {
    assert_wrong("[timeouts]\ntcp = \"15m\"\n\n[foo]\n", &["line 4", "foo"]);
    assert_wrong(
        "[timeouts]\ntcp_fin = \"15m\"\n",
        &["line 2", "tcp_fin", "tcp-fin"],
    );
    let service = "\n[[service]]\ntcp = \"192.0.2.1:80\"\n";
    assert_wrong(
        &format!("{service}schedular = \"rr\"\n"),
        &["line 4", "schedular"],
    );
    let persistence = "persistence = { timeout = \"5m\", mask = \"64\" }\n";
    assert_wrong(&format!("{service}{persistence}"), &["line 4", "mask"]);
    let destination = "[[service.destination]]\naddress = \"198.51.100.2:80\"\n";
    let wieght = format!("{service}{destination}wieght = 1\n");
    assert_wrong(&wieght, &["line 6", "wieght"]);
    let tunnel = "forward = \"tunnel\"\ntunnel = { type = \"gre\", port = 6080 }\n";
    assert_wrong(
        &format!("{service}{destination}{tunnel}"),
        &["line 7", "port"],
    );
}

#[test]
fn a_value_that_means_nothing_is_named_with_its_line() {
    let first = "[[service]]\ntcp = \"192.0.2.1:80\"\n";
    let destination = "[[service.destination]]\naddress = \"198.51.100.2:80\"\n";
    for (file, parts) in [
        (
            "[timeouts]\nudp = \"soon\"\n".to_owned(),
            ["line 2", "\"soon\" is not a duration"],
        ),
        (
            "[[service]]\ntcp = \"192.0.2.1:http\"\n".to_owned(),
            ["line 2", "\"192.0.2.1:http\" is not an address and port"],
        ),
        (
            format!("{first}scheduler = \"\"\n"),
            ["line 3", "\"\" cannot be a scheduler"],
        ),
        (
            format!("{first}persistence = {{ timeout = \"5m\", netmask = \"0\" }}\n"),
            ["line 3", "\"0\" is not a netmask"],
        ),
        (
            format!("{first}{destination}weight = -1\n"),
            ["line 5", "-1"],
        ),
        (
            format!("{first}{destination}upper-threshold = 0\n"),
            ["line 5", "0"],
        ),
        (format!("{first}[[service]]\nfwmark = 0\n"), ["line 4", "0"]),
    ] {
        assert_wrong(&file, &parts);
    }
}

#[test]
fn a_service_that_makes_no_sense_is_found_by_its_line() {
    let good = "[[service]]\ntcp = \"192.0.2.1:80\"\n\n";
    let service = "[[service]]\ntcp = \"192.0.2.2:80\"\n";
    let destination = |address: &str, rest: &str| {
        format!("{service}[[service.destination]]\naddress = \"{address}\"\n{rest}")
    };
    for (wrong, reason) in [
        (
            "[[service]]\ntcp = \"192.0.2.2\"\n".to_owned(),
            "needs a port",
        ),
        (
            format!("{service}one-packet = true\n"),
            "cannot schedule packets one by one",
        ),
        (
            format!("{service}scheduler-flags = [\"sh-port\"]\n"),
            "wlc has no flag \"sh-port\"",
        ),
        (
            format!("{service}persistence = {{ timeout = \"32days\" }}\n"),
            "is out of range",
        ),
        (
            format!("{service}persistence = {{ timeout = \"5m\", netmask = \"64\" }}\n"),
            "netmask 64 does not fit",
        ),
        (
            format!("{service}udp = \"192.0.2.2:80\"\n"),
            "a service is named by one of",
        ),
        (
            "[[service]]\nscheduler = \"rr\"\n".to_owned(),
            "a service is named by one of",
        ),
        (
            format!("{service}family = \"ipv6\"\n"),
            "a family goes with a fwmark: an address has its own",
        ),
        (
            destination("198.51.100.2:81", ""),
            "must have the port of service",
        ),
        (
            destination("[2001:db8::1]:80", ""),
            "are of different address families",
        ),
        (
            destination("198.51.100.2:80", "forward = \"nat\"\n"),
            "\"nat\" is not a forwarding method: masquerade, direct or tunnel",
        ),
        (
            destination("198.51.100.2:80", "tunnel = { type = \"ipip\" }\n"),
            "a tunnel goes with forwarding \"tunnel\", not with \"direct\"",
        ),
        (
            destination("198.51.100.2:80", "lower-threshold = 5\n"),
            "lower threshold 5",
        ),
        (
            destination(
                "198.51.100.2:80",
                "[[service.destination]]\naddress = \"198.51.100.2:80\"\n",
            ),
            "destination 198.51.100.2:80 is there twice",
        ),
    ] {
        let file = format!("{good}{wrong}");
        let message = toml::from_str::<Table>(&file).unwrap_err().to_string();
        assert!(message.contains(reason), "{reason:?} is not in:\n{message}");
        let line = message
            .split("line ")
            .nth(1)
            .and_then(|rest| rest.split(',').next());
        let line: usize = line
            .unwrap_or_else(|| panic!("no line:\n{message}"))
            .parse()
            .unwrap();
        // Where the service begins, or what of it is wrong.
        assert!(
            line >= 4 && line <= file.lines().count(),
            "{file}\n{message}"
        );
    }
}

#[test]
fn what_is_wrong_with_the_whole_is_an_error() {
    let service = "[[service]]\ntcp = \"192.0.2.1:80\"\n";
    let twice = format!("{service}{service}");
    assert_wrong(&twice, &["service tcp:192.0.2.1:80 is there twice"]);
    assert_wrong(
        "[timeouts]\ntcp = \"0\"\n",
        &["timeout of 0s is out of range"],
    );
}

#[test]
fn a_service_of_a_protocol_that_the_file_has_no_word_for_is_not_written_as_another() {
    let gre = Service::new(ServiceId::Address {
        protocol: Protocol::Other(47),
        endpoint: endpoint("192.0.2.1:80"),
    });
    let error = toml::to_string(&table([VirtualServer::new(gre, [])])).unwrap_err();
    let message = "IPVS does not balance protocol 47: tcp, udp or sctp";
    assert!(error.to_string().contains(message), "{error}");
}

/// The line that the parser's error names.
fn line_of(file: &str) -> (usize, String) {
    let error = toml::from_str::<Table>(file).unwrap_err();
    let start = error.span().map_or(0, |span| span.start);
    let before = file.get(..start).unwrap_or_default();
    (before.matches('\n').count() + 1, error.message().to_owned())
}

#[test]
fn an_error_names_the_line_of_the_smallest_thing_that_is_wrong() {
    let service = "[[service]]\ntcp = \"192.0.2.1:80\"\n";
    let destination = "[[service.destination]]\naddress = \"198.51.100.2\"\n";
    for (file, line, what) in [
        (
            "\n\n[timeouts]\ntcp = \"15m\"\nudp = \"300d\"\n".to_owned(),
            3,
            "timeout of 300d is out of range",
        ),
        (
            format!("{service}\n{service}"),
            4,
            "service tcp:192.0.2.1:80 is there twice",
        ),
        (
            format!("{service}{destination}\n{destination}weight = 3000000000\n"),
            6,
            "weight 3000000000 is out of range",
        ),
        (
            format!("{service}{destination}{destination}forward = \"tunel\"\n"),
            5,
            "\"tunel\" is not a forwarding method",
        ),
        (
            format!("{service}\n[[sync]]\nrole = \"master\"\ninterface = \"a-name-too-long0\"\n"),
            4,
            "\"a-name-too-long0\" cannot be a network device",
        ),
    ] {
        let (found, message) = line_of(&file);
        assert!(message.contains(what), "{message}");
        assert_eq!(found, line, "{message}\n{file}");
    }
}
