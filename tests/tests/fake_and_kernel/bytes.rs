//! Requests that the library would not send, and what answers hold beyond what it reads.

use std::num::NonZeroU16;

use ipvs::{Client, SyncRole};
use ipvs_sys::constants::{
    IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_TUNNEL, IP_VS_STATE_BACKUP, IP_VS_STATE_MASTER,
    IP_VS_SVC_F_HASHED, IP_VS_SVC_F_ONEPACKET, IP_VS_SVC_F_PERSISTENT,
};
use ipvs_sys::{
    CmdAttr, Command, Conversation, DaemonAttr, DestAttr, Errno, IpvsMessage, ServiceFlags, SvcAttr,
};

use crate::common::raw::{AF_INET, TCP, destination, ipv4, key, service};
use crate::common::{endpoint, web};

crate::conversations![
    a_timeout_of_0_keeps_what_is_set,
    the_mask_says_which_flags_count,
    mark_0_is_a_service_of_no_address,
    a_sync_message_of_a_length_out_of_range_is_brought_into_it,
    an_engine_without_a_name_is_none,
    only_three_bits_of_a_method_are_kept,
    replacing_a_destination_without_its_tunnel_resets_it,
    an_ipv6_address_without_its_family_is_cut,
    the_destinations_of_no_service_are_none,
    answers_hold_these_attributes,
];

pub(crate) fn ask(
    kernel: &mut Conversation,
    command: Command,
    attributes: Vec<CmdAttr>,
) -> Option<Errno> {
    let outcome = kernel.execute(IpvsMessage::new(command, attributes));
    outcome.err().map(|error| error.errno().unwrap())
}

#[track_caller]
pub(crate) fn assert_all(
    kernel: &mut Conversation,
    rows: Vec<(Command, Vec<CmdAttr>, Option<Errno>)>,
) {
    for (number, (command, attributes, outcome)) in rows.into_iter().enumerate() {
        let found = ask(kernel, command, attributes);
        assert_eq!(found, outcome, "row {number}: {command:?}");
    }
}

pub(crate) fn of(attributes: Vec<SvcAttr>) -> Vec<CmdAttr> {
    vec![CmdAttr::Service(attributes)]
}

/// TCP 192.0.2.10:80 without its nth attribute.
pub(crate) fn without(n: usize) -> Vec<CmdAttr> {
    let mut attributes = key(TCP, 80);
    attributes.remove(n);
    of(attributes)
}

/// 198.51.100.7:80 for TCP 192.0.2.10:80, changed.
pub(crate) fn changed(change: DestAttr) -> Vec<CmdAttr> {
    let mut attributes = destination(IP_VS_CONN_F_DROUTE, (0, 0, 0));
    if let Some(CmdAttr::Dest(all)) = attributes.last_mut() {
        all.push(change);
    }
    attributes
}

fn a_timeout_of_0_keeps_what_is_set((ipvs, kernel): &mut (Client, Conversation)) {
    let before = ipvs.timeouts().unwrap();
    let zeros = vec![
        CmdAttr::TimeoutTcp(0),
        CmdAttr::TimeoutTcpFin(0),
        CmdAttr::TimeoutUdp(0),
    ];
    let too_long = vec![CmdAttr::TimeoutTcp(5), CmdAttr::TimeoutUdp(u32::MAX / 2)];
    let negative = vec![CmdAttr::TimeoutTcp(5), CmdAttr::TimeoutTcpFin(u32::MAX)];
    assert_all(
        kernel,
        vec![
            (Command::SetConfig, zeros, None),
            (Command::SetConfig, vec![], None),
            (Command::SetConfig, too_long, Some(Errno::EINVAL)),
            (Command::SetConfig, negative, Some(Errno::EINVAL)),
        ],
    );
    assert_eq!(ipvs.timeouts().unwrap(), before);
}

fn flags_of(kernel: &mut Conversation) -> ServiceFlags {
    let flags = read(kernel)
        .into_iter()
        .find_map(|attribute| match attribute {
            SvcAttr::Flags(flags) => Some(flags),
            _ => None,
        });
    flags.unwrap()
}

fn read(kernel: &mut Conversation) -> Vec<SvcAttr> {
    let question = IpvsMessage::new(Command::GetService, of(key(TCP, 80)));
    match kernel.get(question).unwrap() {
        IpvsMessage::Config { attributes, .. } => match attributes.into_iter().next() {
            Some(CmdAttr::Service(attributes)) => attributes,
            other => panic!("not a service: {other:?}"),
        },
        other => panic!("not a service: {other:?}"),
    }
}

fn the_mask_says_which_flags_count(kernel: &mut Conversation) {
    const PERSISTENT: u32 = IP_VS_SVC_F_PERSISTENT;
    const ONEPACKET: u32 = IP_VS_SVC_F_ONEPACKET;
    let with = |flags, mask| {
        let mut attributes = service(key(TCP, 80), 0, 60);
        if let Some(CmdAttr::Service(all)) = attributes.last_mut() {
            all.push(SvcAttr::Flags(ServiceFlags { flags, mask }));
        }
        attributes
    };
    for (command, flags, mask, left) in [
        (Command::NewService, u32::MAX, PERSISTENT, PERSISTENT),
        (
            Command::SetService,
            ONEPACKET,
            ONEPACKET,
            PERSISTENT | ONEPACKET,
        ),
        (Command::SetService, 0, 0, PERSISTENT | ONEPACKET),
        (Command::SetService, 0, PERSISTENT, ONEPACKET),
        (Command::SetService, 0, u32::MAX, 0),
        (Command::SetService, u32::MAX, u32::MAX, u32::MAX),
    ] {
        assert_eq!(ask(kernel, command, with(flags, mask)), None);
        let found = flags_of(kernel);
        assert_eq!(found.flags, left | IP_VS_SVC_F_HASHED);
        assert_eq!(found.mask, u32::MAX);
    }
}

fn mark_0_is_a_service_of_no_address((ipvs, kernel): &mut (Client, Conversation)) {
    let mark_0 = service(vec![SvcAttr::Af(AF_INET), SvcAttr::Fwmark(0)], 0, 0);
    assert_eq!(ask(kernel, Command::NewService, mark_0), None);
    let found = ipvs.services().unwrap().remove(0).service.id;
    assert_eq!(found, ipvs::ServiceId::tcp(endpoint("0.0.0.0")));
}

fn an_engine_without_a_name_is_none(kernel: &mut Conversation) {
    for command in [Command::NewService, Command::SetService] {
        for (name, found) in [("", 0), ("sip", 1)] {
            let mut attributes = service(key(TCP, 80), 0, 0);
            if let Some(CmdAttr::Service(all)) = attributes.last_mut() {
                all.push(SvcAttr::PeName(name.to_owned()));
            }
            assert_eq!(ask(kernel, command, attributes), None);
            let engines = read(kernel).into_iter();
            let engines = engines.filter(|it| matches!(it, SvcAttr::PeName(_)));
            assert_eq!(engines.count(), found, "{command:?} {name:?}");
            if command == Command::NewService {
                assert_eq!(ask(kernel, Command::DelService, of(key(TCP, 80))), None);
            }
        }
        let _ = ask(kernel, Command::NewService, service(key(TCP, 80), 0, 0));
    }
}

fn only_three_bits_of_a_method_are_kept(kernel: &mut Conversation) {
    let added = service(key(TCP, 80), 0, 0);
    assert_eq!(ask(kernel, Command::NewService, added), None);
    let mut command = Command::NewDest;
    for (method, kept) in [(0x2003, 3), (8, 0), (5, 5), (7, 7)] {
        let attributes = destination(method, (0, 0, 0));
        assert_eq!(ask(kernel, command, attributes), None);
        let found = read_destination(kernel);
        assert!(found.contains(&DestAttr::FwdMethod(kept)), "{found:?}");
        command = Command::SetDest;
    }
}

/// The only one of TCP 192.0.2.10:80.
fn read_destination(kernel: &mut Conversation) -> Vec<DestAttr> {
    let mut found = Vec::new();
    let keep = |answer| {
        if let IpvsMessage::Config {
            command: Command::NewDest,
            attributes,
        } = answer
        {
            found.extend(attributes);
        }
        Ok(())
    };
    let question = IpvsMessage::new(Command::GetDest, of(key(TCP, 80)));
    kernel.dump(question, keep).unwrap();
    let [CmdAttr::Dest(attributes)] = found.as_slice() else {
        panic!("{found:?}");
    };
    attributes.clone()
}

fn a_sync_message_of_a_length_out_of_range_is_brought_into_it(
    (ipvs, kernel): &mut (Client, Conversation),
) {
    for (role, state, asked, given) in [
        (SyncRole::Master, IP_VS_STATE_MASTER, 1, 1),
        (SyncRole::Master, IP_VS_STATE_MASTER, u16::MAX, 65507),
        (SyncRole::Backup, IP_VS_STATE_BACKUP, 1, 1024),
        (SyncRole::Backup, IP_VS_STATE_BACKUP, u16::MAX, 65507),
    ] {
        let daemon = vec![
            DaemonAttr::State(state),
            DaemonAttr::McastIfn("lo".to_owned()),
            DaemonAttr::SyncId(0),
            DaemonAttr::SyncMaxlen(asked),
        ];
        let request = vec![CmdAttr::Daemon(daemon)];
        assert_eq!(ask(kernel, Command::NewDaemon, request), None);
        let found = ipvs.sync_daemons().unwrap()[0].max_length;
        assert_eq!(found, NonZeroU16::new(given), "{role} {asked}");
        ipvs.stop_sync_daemon(role).unwrap();
    }
}

fn forwarding_of(ipvs: &mut Client) -> ipvs::Forwarding {
    let mut found = ipvs.destinations(web()).unwrap();
    found.remove(0).destination.forwarding
}

fn replacing_a_destination_without_its_tunnel_resets_it(
    (ipvs, kernel): &mut (Client, Conversation),
) {
    ipvs.add_service(&ipvs::Service::new(web())).unwrap();
    let gre = destination(IP_VS_CONN_F_TUNNEL, (2, 0, 1));
    assert_eq!(ask(kernel, Command::NewDest, gre), None);
    assert!(matches!(
        forwarding_of(ipvs),
        ipvs::Forwarding::Tunnel(ipvs::Encapsulation::Gre { .. })
    ));
    let mut without = destination(IP_VS_CONN_F_TUNNEL, (2, 0, 1));
    if let Some(CmdAttr::Dest(all)) = without.last_mut() {
        all.retain(|it| !matches!(it, DestAttr::TunType(_) | DestAttr::TunFlags(_)));
    }
    assert_eq!(ask(kernel, Command::SetDest, without), None);
    assert_eq!(
        forwarding_of(ipvs),
        ipvs::Forwarding::Tunnel(ipvs::Encapsulation::Ipip)
    );
}

fn an_ipv6_address_without_its_family_is_cut((ipvs, kernel): &mut (Client, Conversation)) {
    ipvs.add_service(&ipvs::Service::new(web())).unwrap();
    let mut cut = changed(DestAttr::AddrFamily(0));
    if let Some(CmdAttr::Dest(all)) = cut.last_mut() {
        let mut address = [0; 16];
        address[0] = 0xfd;
        address[15] = 3;
        all.push(DestAttr::Addr(address));
    }
    assert_eq!(ask(kernel, Command::NewDest, cut), None);
    let found = ipvs.destinations(web()).unwrap().remove(0).destination.id;
    assert_eq!(found, endpoint("253.0.0.0:80"));
}

fn the_destinations_of_no_service_are_none(kernel: &mut Conversation) {
    for question in [of(key(TCP, 80)), of(vec![]), vec![], without(0)] {
        let question = IpvsMessage::new(Command::GetDest, question);
        let answer = |answer| panic!("{answer:?}");
        kernel.dump(question, answer).unwrap();
    }
}

fn answers_hold_these_attributes(kernel: &mut Conversation) {
    let persistent = service(key(TCP, 80), IP_VS_SVC_F_PERSISTENT, 60);
    assert_eq!(ask(kernel, Command::NewService, persistent), None);
    let found = read(kernel);
    let [
        SvcAttr::Af(AF_INET),
        SvcAttr::Protocol(TCP),
        SvcAttr::Addr(address),
        SvcAttr::Port(80),
        SvcAttr::SchedName(scheduler),
        SvcAttr::Flags(_),
        SvcAttr::Timeout(60),
        SvcAttr::Netmask([255, 255, 255, 255]),
        SvcAttr::Stats(_),
        SvcAttr::Stats64(_),
    ] = found.as_slice()
    else {
        panic!("{found:?}");
    };
    assert_eq!(
        (*address, scheduler.as_str()),
        (ipv4([192, 0, 2, 10]), "rr")
    );

    let added = destination(IP_VS_CONN_F_TUNNEL, (1, 6080, 1));
    assert_eq!(ask(kernel, Command::NewDest, added), None);
    let attributes = read_destination(kernel);
    assert!(
        matches!(
            attributes.as_slice(),
            [
                DestAttr::Addr(_),
                DestAttr::Port(80),
                DestAttr::FwdMethod(2),
                DestAttr::Weight(1),
                DestAttr::TunType(1),
                DestAttr::TunPort(6080),
                DestAttr::TunFlags(1),
                DestAttr::UThresh(0),
                DestAttr::LThresh(0),
                DestAttr::ActiveConns(0),
                DestAttr::InactConns(0),
                DestAttr::PersistConns(0),
                DestAttr::AddrFamily(AF_INET),
                DestAttr::Stats(_),
                DestAttr::Stats64(_),
            ]
        ),
        "{attributes:?}"
    );
}
