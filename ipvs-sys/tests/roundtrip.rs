//! Whatever is written is read back, and whatever is read does no harm.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::time::Duration;

use common::scripted_kernel::{Delivery, Request, ScriptedKernel};
use common::{FAMILY, Space, emitted, parse_attribute, parsed, payload};
use ipvs_sys::{
    Batch, CmdAttr, Command, DaemonAttr, DestAttr, InfoAttr, IpvsMessage, Nest, ServiceFlags,
    Stats64Attr, StatsAttr, SvcAttr,
};
use netlink_packet_core::{
    DefaultNla, Emitable, NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLMSG_DONE, NLMSG_ERROR,
    NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_generic::GenlMessage;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

type Message = NetlinkMessage<GenlMessage<IpvsMessage>>;

/// Text that an attribute can hold: anything but a NUL.
fn text() -> impl Strategy<Value = String> {
    "[^\0]{0,20}"
}

/// An attribute that nobody has given a meaning, with one flag in its kind or none: of two,
/// netlink-packet-core writes one.
fn unknown() -> impl Strategy<Value = DefaultNla> {
    let flag = select(vec![0, NLA_F_NESTED, NLA_F_NET_BYTEORDER]);
    (100..0x4000u16, flag, vec(any::<u8>(), 0..12))
        .prop_map(|(kind, flag, value)| DefaultNla::new(kind | flag, value))
}

/// A variant of each line, with any value: `Space { Variant(strategy), .. }`.
macro_rules! any_of {
    ($space:ident { $($variant:ident($value:expr),)+ }) => {
        prop_oneof![
            $($value.prop_map($space::$variant),)+
            unknown().prop_map($space::Other),
        ]
    };
}

fn info() -> impl Strategy<Value = InfoAttr> {
    any_of!(InfoAttr {
        Version(any::<u32>()),
        ConnTabSize(any::<u32>()),
    })
}

fn stats() -> impl Strategy<Value = StatsAttr> {
    any_of!(StatsAttr {
        Conns(any::<u32>()),
        InPkts(any::<u32>()),
        OutPkts(any::<u32>()),
        InBytes(any::<u64>()),
        OutBytes(any::<u64>()),
        Cps(any::<u32>()),
        InPps(any::<u32>()),
        OutPps(any::<u32>()),
        InBps(any::<u32>()),
        OutBps(any::<u32>()),
        Pad(Just(())),
    })
}

fn stats64() -> impl Strategy<Value = Stats64Attr> {
    any_of!(Stats64Attr {
        Conns(any::<u64>()),
        InPkts(any::<u64>()),
        OutPkts(any::<u64>()),
        InBytes(any::<u64>()),
        OutBytes(any::<u64>()),
        Cps(any::<u64>()),
        InPps(any::<u64>()),
        OutPps(any::<u64>()),
        InBps(any::<u64>()),
        OutBps(any::<u64>()),
        Pad(Just(())),
    })
}

fn service_flags() -> impl Strategy<Value = ServiceFlags> {
    any::<(u32, u32)>().prop_map(|(flags, mask)| ServiceFlags { flags, mask })
}

fn service() -> impl Strategy<Value = SvcAttr> {
    any_of!(SvcAttr {
        Af(any::<u16>()),
        Protocol(any::<u16>()),
        Addr(any::<[u8; 16]>()),
        Port(any::<u16>()),
        Fwmark(any::<u32>()),
        SchedName(text()),
        Flags(service_flags()),
        Timeout(any::<u32>()),
        Netmask(any::<[u8; 4]>()),
        Stats(vec(stats(), 0..4)),
        PeName(text()),
        Stats64(vec(stats64(), 0..4)),
    })
}

fn destination() -> impl Strategy<Value = DestAttr> {
    any_of!(DestAttr {
        Addr(any::<[u8; 16]>()),
        Port(any::<u16>()),
        FwdMethod(any::<u32>()),
        Weight(any::<i32>()),
        UThresh(any::<u32>()),
        LThresh(any::<u32>()),
        ActiveConns(any::<u32>()),
        InactConns(any::<u32>()),
        PersistConns(any::<u32>()),
        Stats(vec(stats(), 0..4)),
        AddrFamily(any::<u16>()),
        Stats64(vec(stats64(), 0..4)),
        TunType(any::<u8>()),
        TunPort(any::<u16>()),
        TunFlags(any::<u16>()),
    })
}

fn daemon() -> impl Strategy<Value = DaemonAttr> {
    any_of!(DaemonAttr {
        State(any::<u32>()),
        McastIfn(text()),
        SyncId(any::<u32>()),
        SyncMaxlen(any::<u16>()),
        McastGroup(any::<[u8; 4]>()),
        McastGroup6(any::<[u8; 16]>()),
        McastPort(any::<u16>()),
        McastTtl(any::<u8>()),
    })
}

fn command_attribute() -> impl Strategy<Value = CmdAttr> {
    any_of!(CmdAttr {
        Service(vec(service(), 0..6)),
        Dest(vec(destination(), 0..6)),
        Daemon(vec(daemon(), 0..6)),
        TimeoutTcp(any::<u32>()),
        TimeoutTcpFin(any::<u32>()),
        TimeoutUdp(any::<u32>()),
    })
}

/// Any message; `SetInfo` is that of the other numbering.
fn message() -> impl Strategy<Value = IpvsMessage> {
    let command = select((1..=17u8).filter(|it| *it != 14).collect::<Vec<_>>())
        .prop_map(|number| Command::try_from(number).unwrap());
    prop_oneof![
        8 => (command, vec(command_attribute(), 0..4))
            .prop_map(|(command, attributes)| IpvsMessage::new(command, attributes)),
        1 => vec(info(), 0..4).prop_map(IpvsMessage::Info),
    ]
}

/// `message` under a whole header, as [`NetlinkMessage`] writes it.
fn with_header(message: IpvsMessage) -> Message {
    let mut message = GenlMessage::from_payload(message);
    message.set_resolved_family_id(FAMILY);
    let mut header = NetlinkHeader::default();
    header.sequence_number = 7;
    let mut message = Message::new(header, NetlinkPayload::from(message));
    message.finalize();
    message
}

#[track_caller]
fn assert_read_back<A: Space>(attribute: &A) {
    let bytes = emitted(attribute);
    assert_eq!(bytes.len(), attribute.buffer_len());
    assert_eq!(parse_attribute::<A>(&bytes).unwrap(), *attribute);
}

/// Reads `bytes` in every way there is, under every command.
///
/// What is read is never more than three times what came: the most that an attribute can grow by is
/// an address, from 8 bytes to 20. So no length within the bytes is believed.
fn read_harmlessly(bytes: &[u8]) {
    for command in 0..=20 {
        let payload = [&[command, 1, 0, 0], bytes].concat();
        if let Ok(message) = parsed(&payload) {
            assert!(message.buffer_len() <= 3 * bytes.len(), "{message:?}");
        }
    }
    let _ = parsed(bytes);
}

/// Has a connection receive what `answer` makes of its request.
fn receive_harmlessly(answer: impl FnOnce(&Request) -> Vec<u8> + Send + 'static) {
    let kernel = ScriptedKernel::new().then(|request| vec![Delivery::Datagram(answer(request))]);
    let (mut kernel, _) = kernel.connect();
    kernel.set_patience(Duration::ZERO);
    let _ = kernel.get(IpvsMessage::new(Command::Flush, vec![]));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        command in command_attribute(),
        service in service(),
        destination in destination(),
        daemon in daemon(),
        (stats, stats64, info) in (stats(), stats64(), info()),
    ) {
        assert_read_back(&command);
        assert_read_back(&service);
        assert_read_back(&destination);
        assert_read_back(&daemon);
        assert_read_back(&stats);
        assert_read_back(&stats64);
        assert_read_back(&info);
    }

    #[test]
    fn a_batch_holds_the_bytes_of_its_messages(
        nests in vec((vec(service(), 0..4), vec(destination(), 0..4), vec(daemon(), 0..4)), 0..4),
    ) {
        let mut batch = Batch::new();
        for (service, destination, daemon) in &nests {
            let nests = [Nest::Service(service), Nest::Dest(destination), Nest::Daemon(daemon)];
            batch.push(Command::NewDest, &nests).unwrap();
        }
        for (index, (service, destination, daemon)) in nests.into_iter().enumerate() {
            let attributes = vec![
                CmdAttr::Service(service),
                CmdAttr::Dest(destination),
                CmdAttr::Daemon(daemon),
            ];
            let message = IpvsMessage::new(Command::NewDest, attributes);
            prop_assert_eq!(batch.message(index), Some(message));
        }
    }

    #[test]
    fn a_whole_message_is_read_back(message in message()) {
        prop_assert_eq!(&parsed(&payload(&message)).unwrap(), &message);

        let message = with_header(message);
        let [once, again] = [0xaa, 0x55].map(|filling| {
            let mut bytes = vec![filling; message.buffer_len()];
            message.serialize(&mut bytes);
            bytes
        });
        prop_assert_eq!(&once, &again);
        prop_assert_eq!(&Message::deserialize(&once).unwrap(), &message);
    }

    #[test]
    fn no_bytes_do_harm(bytes in vec(any::<u8>(), 0..200)) {
        read_harmlessly(&bytes);
        receive_harmlessly(|_| bytes);
    }

    #[test]
    fn a_message_cut_anywhere_does_no_harm(message in message()) {
        let bytes = payload(&message);
        for cut in 0..bytes.len() {
            read_harmlessly(&bytes[..cut]);
        }
    }

    #[test]
    fn a_message_with_bytes_changed_does_no_harm(
        message in message(),
        changes in vec((any::<Index>(), any::<u8>()), 1..8),
    ) {
        let change = move |bytes: &mut Vec<u8>| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        };
        let mut bytes = payload(&message);
        change.clone()(&mut bytes);
        read_harmlessly(&bytes[4..]);
        receive_harmlessly(move |request| {
            let mut bytes = [request.answer(&message), request.ack()].concat();
            change(&mut bytes);
            bytes
        });
    }

    #[test]
    fn no_end_of_an_answer_does_harm(
        kind in select(vec![NLMSG_ERROR, NLMSG_DONE]),
        flags in any::<u16>(),
        // Neither 0 nor ENOENT, which would be asked about.
        errno in 3..200i32,
        bytes in vec(any::<u8>(), 0..60),
    ) {
        receive_harmlessly(move |request| {
            request.message(kind, flags, &[&(-errno).to_ne_bytes()[..], &bytes].concat())
        });
    }
}
