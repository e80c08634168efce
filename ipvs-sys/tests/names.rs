//! Whoever knows a name of the kernel's finds what it is called here.

/// Each source with attributes, and with commands.
const SOURCES: [&str; 7] = [
    include_str!("../src/attr/command.rs"),
    include_str!("../src/attr/daemon.rs"),
    include_str!("../src/attr/destination.rs"),
    include_str!("../src/attr/info.rs"),
    include_str!("../src/attr/service.rs"),
    include_str!("../src/attr/stats.rs"),
    include_str!("../src/message.rs"),
];

/// `IPVS_…` after an equals sign: the number that a variant stands for.
fn number(line: &str) -> Option<&str> {
    let (_, number) = line.split_once(" = IPVS_")?;
    let end = number.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    number.split_at_checked(end).map(|(name, _)| name)
}

#[test]
fn every_attribute_and_command_is_found_by_the_kernels_name() {
    let mut found = 0;
    for source in SOURCES {
        let lines: Vec<_> = source.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let Some(name) = number(pair[1]) else {
                continue;
            };
            let alias = format!("#[doc(alias = \"IPVS_{name}\")]");
            assert_eq!(pair[0], alias, "above {}", pair[1]);
            found += 1;
        }
    }
    // 17 commands, 6 + 8 + 15 + 2 + 12 attributes, and 11 of each width of statistics.
    assert_eq!(found, 17 + 43 + 22);
}

#[test]
fn numbers_that_are_bits_are_those_of_the_header() {
    use ipvs_sys::constants::{
        IP_VS_TUNNEL_ENCAP_FLAG_CSUM, IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
        IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM,
    };
    let flags = [
        IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
        IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
        IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM,
    ];
    assert_eq!(flags, [0, 1, 2]);
}

#[test]
fn the_family_and_its_version_are_those_of_the_header() {
    use ipvs_sys::{Command, IpvsMessage};
    use netlink_packet_generic::GenlFamily as _;

    assert_eq!(IpvsMessage::family_name(), "IPVS");
    let flush = IpvsMessage::new(Command::Flush, vec![]);
    assert_eq!((flush.command(), flush.version()), (17, 1));
}

#[test]
fn what_linux_gives_a_socket_holds_a_thousand_requests_and_a_hundred_answers() {
    let limits = ipvs_sys::Limits::default();
    assert_eq!((limits.bytes, limits.answers), (212_960, 166));
}
