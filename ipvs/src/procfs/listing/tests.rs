use super::*;

/// As Linux 6.1 wrote it, on a machine with the lowest byte first.
const TABLE: &str = "\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  [2001:0db8:0000:0000:0000:0000:0000:0010]:0050 rr persistent 3000 40000000
  -> [2001:0db8:0001:0000:0000:0000:0000:0007]:1F96      Masq    1      1          0         
UDP  C000020A:0035 rr ops  
  -> C6336407:14E9      Route   1      0          0         
TCP  C000020A:0050 wlc  
TCP  C000020A:01BB sh  persistent 36000 FFFFFF00
  -> C6336408:01BB      Tunnel  0      2          7         
  -> C6336407:01BB      Local   2147483647 4294967295 1         
FWM  0000004D rr ops persistent 10000 FFFFFFFF
FWM  FFFFFFFF rr persistent -1616567296 FFFFFFFF
IP_47  C000020A:0000 none  
";

fn parsed() -> Listing {
    parse(TABLE).unwrap()
}

fn found<T>(of: impl Fn(&ListedService) -> T) -> Vec<T> {
    parsed().services.iter().map(of).collect()
}

#[test]
fn the_title_has_version_and_size() {
    let info = parsed().info;
    assert_eq!(info.version.to_string(), "1.2.1");
    assert_eq!(info.connection_table_size, 4096);
}

#[test]
fn services_go_by_address_or_by_mark() {
    assert_eq!(
        found(|service| service.id.to_string()),
        [
            "tcp:[2001:db8::10]:80",
            "udp:192.0.2.10:53",
            "tcp:192.0.2.10:80",
            "tcp:192.0.2.10:443",
            "fwmark:77",
            "fwmark:4294967295",
            "ip_47:192.0.2.10:0",
        ]
    );
    let schedulers = ["rr", "rr", "wlc", "sh", "rr", "rr", "none"];
    assert_eq!(found(|service| service.scheduler.to_string()), schedulers);
}

#[test]
fn one_packet_scheduling_is_not_told_of_ipv6() {
    let told = [
        None,
        Some(true),
        Some(false),
        Some(false),
        Some(true),
        Some(false),
        Some(false),
    ];
    assert_eq!(found(|service| service.one_packet), told);
}

#[test]
fn a_prefix_is_turned_around_and_a_marks_netmask_not_told() {
    let persistence = |timeout_ticks, netmask| {
        Some(ListedPersistence {
            timeout_ticks,
            netmask,
        })
    };
    let ipv4 = Netmask::Ipv4(Ipv4Addr::new(255, 255, 255, 0));
    let ipv6 = cfg!(target_endian = "little").then_some(Netmask::Ipv6(64));
    let told = found(|service| service.persistence);
    assert_eq!(told.first(), Some(&persistence(3000, ipv6)));
    assert_eq!(told.get(3), Some(&persistence(36000, Some(ipv4))));
    assert_eq!(told.get(4), Some(&persistence(10000, None)));
    // 31 days of a kernel with 1000 ticks a second.
    assert_eq!(told.get(5), Some(&persistence(2_678_400_000, None)));
    assert_eq!(told.iter().flatten().count(), 4);
}

#[test]
fn destinations_belong_to_the_service_above_them() {
    let told = found(|service| {
        let destinations = service.destinations.iter();
        destinations
            .map(|it| format!("{} {} {}", it.id, it.forwarding, it.weight))
            .collect::<Vec<_>>()
    });
    let nothing = Vec::<&str>::new();
    assert_eq!(
        told,
        [
            vec!["[2001:db8:1::7]:8086 masquerade 1"],
            vec!["198.51.100.7:5353 direct 1"],
            nothing.clone(),
            vec![
                "198.51.100.8:443 tunnel 0",
                "198.51.100.7:443 local 2147483647"
            ],
            nothing.clone(),
            nothing.clone(),
            nothing,
        ]
    );
    let last = &parsed().services[3].destinations[1];
    assert_eq!(
        (last.active_connections, last.inactive_connections),
        (u32::MAX, 1)
    );
}

#[test]
fn an_empty_table_is_a_listing_without_services() {
    let titles: Vec<_> = TABLE.lines().take(3).collect();
    assert_eq!(parse(&titles.join("\n")).unwrap().services, []);
}

#[test]
fn what_is_not_the_kernels_is_named() {
    let titles = TABLE.lines().take(3).collect::<Vec<_>>().join("\n");
    for line in [
        "",
        "TCP",
        "TCP  C000020A rr",
        "TCP  C000020A:0050",
        "TCP  C000020A:0050 rr surprising",
        "TCP  C000020A:0050 rr persistent 3000",
        "TCP  [2001:db8::10]:0050 rr persistent 3000 01010101",
        "FWM  00000000 rr",
        "  -> C6336407:0050      Route   1      0          0",
    ] {
        let text = format!("{titles}\n{line}\n");
        assert_eq!(parse(&text), Err(line), "{line}");
    }
    for service in ["TCP  C000020A:0050 rr", "FWM  00000001 rr"] {
        for line in [
            "  -> C6336407:0050      Bypass  1      0          0",
            "  -> C6336407:0050      Route   -1     0          0",
            "  -> C6336407:0050      Route   1      0",
        ] {
            let text = format!("{titles}\n{service}\n{line}\n");
            assert_eq!(parse(&text), Err(line), "{line}");
        }
    }
    for title in [
        "",
        "IP Virtual Server version 1.2 (size=4096)",
        "IP Virtual Server version 1.2.1",
    ] {
        assert_eq!(parse(title), Err(title));
    }
}
