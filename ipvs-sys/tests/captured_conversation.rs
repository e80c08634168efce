//! A conversation captured on Linux 6.1 is held again: `Conversation` asks what was asked then, gets
//! the datagrams that came then, and understands them.

#![cfg(target_endian = "little")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod common;

use common::golden::{
    AF_INET, AF_INET6, Destination, configuration, daemon, destination, idle_destination,
    idle_service, service_key,
};
use common::scripted_kernel::{CONTROLLER, Delivery, Request, ScriptedKernel, datagram};
use common::{assert_same_bytes, hex, ipv4, ipv6, parsed};
use ipvs_sys::constants::{IP_VS_STATE_MASTER, IP_VS_SVC_F_HASHED, IP_VS_SVC_F_PERSISTENT};
use ipvs_sys::{
    CmdAttr, Command, Conversation, DaemonAttr, DestAttr, Errno, Error, InfoAttr, IpvsMessage,
    Stats64Attr, StatsAttr, SvcAttr,
};

/// One request and the datagrams that answered it.
#[derive(Default)]
struct Exchange {
    title: String,
    request: String,
    answers: Vec<String>,
}

/// The captured file, in the order in which it happened.
fn captured() -> Vec<Exchange> {
    let mut exchanges = Vec::<Exchange>::new();
    let mut title = "";
    for line in include_str!("captured/linux_6_1.txt").lines() {
        if let Some(comment) = line.strip_prefix('#') {
            title = comment.trim();
        } else if let Some(request) = line.strip_prefix('>') {
            exchanges.push(Exchange {
                title: title.to_owned(),
                request: request.to_owned(),
                answers: Vec::new(),
            });
        } else if let Some(exchange) = exchanges.last_mut() {
            match line.strip_prefix('<') {
                Some(answer) => exchange.answers.push(answer.to_owned()),
                None => exchange
                    .answers
                    .last_mut()
                    .unwrap_or(&mut exchange.request)
                    .push_str(line),
            }
        }
    }
    exchanges
}

/// The request is the captured one, but for `NLA_F_NESTED` and the version of the controller.
fn assert_asked(exchange: &Exchange, request: &Request) {
    let title = &exchange.title;
    let captured = hex(&exchange.request);
    assert_same_bytes(title, &request.bytes[..16], &captured[..16]);
    if request.kind == CONTROLLER {
        assert_same_bytes(title, &request.bytes[20..], &captured[20..]);
    } else {
        let captured = parsed(&captured[16..]);
        assert_eq!(parsed(request.payload()).ok(), captured.ok(), "{title}");
    }
}

/// A connection that holds the captured conversation, up to the lookup of the family.
fn connect() -> Conversation {
    let mut kernel = ScriptedKernel::new();
    for exchange in captured() {
        if exchange.title.starts_with("DEL_SERVICE") {
            kernel = kernel.then(|request| vec![datagram([request.ack()])]);
        }
        kernel = kernel.then(move |request| {
            assert_asked(&exchange, request);
            let bytes = exchange.answers.iter().map(|answer| hex(answer));
            bytes.map(Delivery::Datagram).collect()
        });
    }
    Conversation::over(Box::new(kernel)).unwrap()
}

/// Takes the filler out of statistics, and says how much there was.
fn without_padding(mut message: IpvsMessage) -> (IpvsMessage, usize) {
    fn strip<A: PartialEq>(attributes: &mut Vec<A>, padding: &A) -> usize {
        let before = attributes.len();
        attributes.retain(|attribute| attribute != padding);
        before - attributes.len()
    }
    let IpvsMessage::Config { attributes, .. } = &mut message else {
        return (message, 0);
    };
    let mut stripped = 0;
    for attribute in attributes {
        match attribute {
            CmdAttr::Service(service) => {
                for attribute in service {
                    stripped += match attribute {
                        SvcAttr::Stats(stats) => strip(stats, &StatsAttr::Pad(())),
                        SvcAttr::Stats64(stats) => strip(stats, &Stats64Attr::Pad(())),
                        _ => 0,
                    };
                }
            }
            CmdAttr::Dest(destination) => {
                for attribute in destination {
                    stripped += match attribute {
                        DestAttr::Stats(stats) => strip(stats, &StatsAttr::Pad(())),
                        DestAttr::Stats64(stats) => strip(stats, &Stats64Attr::Pad(())),
                        _ => 0,
                    };
                }
            }
            _ => {}
        }
    }
    (message, stripped)
}

fn dump(kernel: &mut Conversation, request: IpvsMessage) -> Vec<IpvsMessage> {
    let mut entries = Vec::new();
    let outcome = kernel.dump(request, |entry| {
        entries.push(entry);
        Ok(())
    });
    outcome.unwrap();
    entries
}

fn errno(outcome: Result<(), Error>) -> Option<Errno> {
    outcome.unwrap_err().errno()
}

fn web() -> Vec<SvcAttr> {
    service_key(AF_INET, ipv4([10, 0, 0, 1]), 80)
}

fn service(key: Vec<SvcAttr>, configuration: [SvcAttr; 4]) -> Vec<CmdAttr> {
    vec![CmdAttr::Service([key, Vec::from(configuration)].concat())]
}

fn server() -> Destination {
    Destination {
        weight: 5,
        thresholds: (100, 50),
        ..destination(AF_INET, ipv4([10, 0, 0, 2]), 80)
    }
}

/// In the order in which it was sent then, which is neither ipvsadm's nor the kernel's.
fn server_as_asked() -> Vec<DestAttr> {
    let mut attributes = Vec::<DestAttr>::from(server());
    attributes[..3].rotate_left(1);
    attributes[5..].rotate_left(3);
    attributes
}

#[test]
fn a_captured_conversation_is_understood_from_beginning_to_end() {
    use Command::{
        DelService, Flush, GetConfig, GetDaemon, GetDest, GetInfo, GetService, NewDaemon, NewDest,
        NewService, SetConfig,
    };
    let mut kernel = connect();
    let request = IpvsMessage::new;

    let info = kernel.get(request(GetInfo, vec![])).unwrap();
    let expected = vec![InfoAttr::Version(0x01_0201), InfoAttr::ConnTabSize(4096)];
    assert_eq!(info, IpvsMessage::Info(expected));

    let config = kernel.get(request(GetConfig, vec![])).unwrap();
    let expected = vec![
        CmdAttr::TimeoutTcp(900),
        CmdAttr::TimeoutTcpFin(120),
        CmdAttr::TimeoutUdp(300),
    ];
    assert_eq!(config, request(SetConfig, expected));

    let new = service(web(), configuration("wrr", 0, 0, [255; 4]));
    kernel.execute(request(NewService, new.clone())).unwrap();
    assert_eq!(
        errno(kernel.execute(request(NewService, new))),
        Some(Errno::EEXIST)
    );

    let mut dns6 = service_key(AF_INET6, ipv6("fd00::1"), 53);
    dns6[1] = SvcAttr::Protocol(17);
    let prefix = 64u32.to_ne_bytes();
    let new = service(
        dns6,
        configuration("rr", IP_VS_SVC_F_PERSISTENT, 300, prefix),
    );
    kernel.execute(request(NewService, new)).unwrap();

    let mark = vec![SvcAttr::Af(AF_INET), SvcAttr::Fwmark(7)];
    let new = service(mark.clone(), configuration("rr", 0, 0, [255; 4]));
    kernel.execute(request(NewService, new)).unwrap();

    let new = vec![CmdAttr::Service(web()), CmdAttr::Dest(server_as_asked())];
    kernel.execute(request(NewDest, new)).unwrap();

    for (key, scheduler, padding) in [(web(), "wrr", 10), (mark, "rr", 11)] {
        let named = vec![CmdAttr::Service(key.clone())];
        let answer = kernel.get(request(GetService, named)).unwrap();
        let configuration = configuration(scheduler, IP_VS_SVC_F_HASHED, 0, [255; 4]);
        assert_eq!(
            without_padding(answer),
            (idle_service(key, configuration), padding)
        );
    }

    let [entry] = dump(&mut kernel, request(GetDest, vec![CmdAttr::Service(web())]))
        .try_into()
        .unwrap();
    assert_eq!(without_padding(entry), (idle_destination(&server()), 11));

    let mut master = daemon(IP_VS_STATE_MASTER, "d0", 10);
    kernel
        .execute(request(NewDaemon, vec![CmdAttr::Daemon(master.clone())]))
        .unwrap();
    master.extend([
        DaemonAttr::SyncMaxlen(1472),
        DaemonAttr::McastPort(8848),
        DaemonAttr::McastTtl(1),
        DaemonAttr::McastGroup([224, 0, 0, 81]),
    ]);
    assert_eq!(
        dump(&mut kernel, request(GetDaemon, vec![])),
        [request(NewDaemon, vec![CmdAttr::Daemon(master)])]
    );

    // Something happened here that was not kept.
    kernel.execute(request(Flush, vec![])).unwrap();

    let missing = CmdAttr::Service(service_key(AF_INET, ipv4([10, 0, 0, 1]), 99));
    let refused = kernel.execute(request(DelService, vec![missing]));
    assert_eq!(errno(refused), Some(Errno::ESRCH));
}
