//! Which check comes first: requests that are wrong in more than one way.

use ipvs_sys::constants::IP_VS_CONN_F_MASQ;
use ipvs_sys::{CmdAttr, Command, Conversation, DaemonAttr, DestAttr, Errno, IpvsMessage, SvcAttr};

use crate::bytes::{ask, assert_all, changed, of, without};
use crate::common::raw::{AF_INET, TCP, destination, ipv4, key, service};

crate::conversations![
    requests_are_checked_in_the_kernels_order,
    requests_about_destinations_are_checked_in_the_kernels_order,
    requests_about_daemons_are_checked_in_the_kernels_order,
    commands_are_asked_for_in_one_way,
];

const AF_INET6: u16 = 10;

/// TCP 192.0.2.10:80 with this family and scheduler; with a netmask of IPv4.
fn scheduled(af: u16, name: &str) -> Vec<CmdAttr> {
    let mut attributes = service(key(TCP, 80), 0, 0);
    if let Some(CmdAttr::Service(all)) = attributes.last_mut() {
        all.extend([SvcAttr::Af(af), SvcAttr::SchedName(name.to_owned())]);
    }
    attributes
}

/// The same with a prefix length of IPv6.
fn prefixed(length: u32) -> Vec<CmdAttr> {
    let mut attributes = scheduled(AF_INET6, "rr");
    if let Some(CmdAttr::Service(all)) = attributes.last_mut() {
        all.push(SvcAttr::Netmask(length.to_ne_bytes()));
    }
    attributes
}

fn requests_are_checked_in_the_kernels_order(kernel: &mut Conversation) {
    use Command::{DelService, NewService, SetService, Zero};
    let web = || of(key(TCP, 80));
    assert_all(
        kernel,
        vec![
            (NewService, vec![], Some(Errno::EINVAL)),
            (NewService, of(vec![]), Some(Errno::EINVAL)),
            (DelService, without(0), Some(Errno::EINVAL)),
            (DelService, without(1), Some(Errno::EINVAL)),
            (DelService, without(2), Some(Errno::EINVAL)),
            (Zero, without(3), Some(Errno::EINVAL)),
            (Zero, of(vec![]), Some(Errno::EINVAL)),
            (DelService, web(), Some(Errno::ESRCH)),
            (Zero, web(), Some(Errno::ESRCH)),
            // The family before the configuration, that before what is there.
            (
                NewService,
                of(vec![SvcAttr::Af(1), SvcAttr::Fwmark(1)]),
                Some(Errno::EAFNOSUPPORT),
            ),
            (NewService, web(), Some(Errno::EINVAL)),
            (SetService, web(), Some(Errno::EINVAL)),
            (SetService, scheduled(AF_INET, "rrr"), Some(Errno::ESRCH)),
            (NewService, scheduled(AF_INET, ""), Some(Errno::ENOENT)),
            (NewService, scheduled(AF_INET, "rrr"), Some(Errno::ENOENT)),
            (
                NewService,
                scheduled(AF_INET, "sixteen-letters-"),
                Some(Errno::EINVAL),
            ),
            (NewService, scheduled(AF_INET, "rr"), None),
            (NewService, web(), Some(Errno::EINVAL)),
            (NewService, scheduled(AF_INET, "rrr"), Some(Errno::EEXIST)),
            (SetService, scheduled(AF_INET, "rrr"), Some(Errno::ENOENT)),
            // A netmask of IPv4 is no prefix length, which is looked at last.
            (NewService, scheduled(AF_INET6, "rrr"), Some(Errno::ENOENT)),
            (NewService, scheduled(AF_INET6, "rr"), Some(Errno::EINVAL)),
            (NewService, prefixed(0), Some(Errno::EINVAL)),
            (NewService, prefixed(129), Some(Errno::EINVAL)),
            (NewService, prefixed(128), None),
            (SetService, prefixed(1), None),
            (SetService, prefixed(0), Some(Errno::EINVAL)),
            (DelService, web(), None),
        ],
    );
}

fn requests_about_destinations_are_checked_in_the_kernels_order(kernel: &mut Conversation) {
    use Command::{DelDest, NewDest, NewService, SetDest};
    let plain = || destination(IP_VS_CONN_F_MASQ, (0, 0, 0));
    let of = |attributes| vec![CmdAttr::Service(key(TCP, 80)), CmdAttr::Dest(attributes)];
    let address = || DestAttr::Addr(ipv4([198, 51, 100, 7]));
    let missing = || of(vec![address(), DestAttr::Port(81)]);
    assert_all(
        kernel,
        vec![
            (NewDest, vec![], Some(Errno::EINVAL)),
            (NewDest, of(vec![]), Some(Errno::ESRCH)),
            (NewService, scheduled(AF_INET, "rr"), None),
            (NewDest, of(vec![]), Some(Errno::EINVAL)),
            (NewDest, missing(), Some(Errno::EINVAL)),
            (SetDest, missing(), Some(Errno::EINVAL)),
            (DelDest, of(vec![address()]), Some(Errno::EINVAL)),
            (DelDest, of(vec![DestAttr::Port(80)]), Some(Errno::EINVAL)),
            (DelDest, missing(), Some(Errno::ENOENT)),
            (
                NewDest,
                changed(DestAttr::AddrFamily(1)),
                Some(Errno::EAFNOSUPPORT),
            ),
            // Another family than the service's, without a tunnel.
            (
                NewDest,
                changed(DestAttr::AddrFamily(AF_INET6)),
                Some(Errno::EINVAL),
            ),
            (
                DelDest,
                changed(DestAttr::AddrFamily(AF_INET6)),
                Some(Errno::ENOENT),
            ),
            (NewDest, changed(DestAttr::Weight(-1)), Some(Errno::ERANGE)),
            (SetDest, changed(DestAttr::Weight(-1)), Some(Errno::ERANGE)),
            (NewDest, changed(DestAttr::LThresh(1)), Some(Errno::ERANGE)),
            (NewDest, changed(DestAttr::TunType(1)), Some(Errno::EINVAL)),
            (SetDest, changed(DestAttr::TunType(1)), Some(Errno::EINVAL)),
            (SetDest, plain(), Some(Errno::ENOENT)),
            (NewDest, changed(DestAttr::AddrFamily(0)), None),
            (NewDest, changed(DestAttr::Weight(-1)), Some(Errno::ERANGE)),
            (NewDest, plain(), Some(Errno::EEXIST)),
            (SetDest, plain(), None),
            (DelDest, plain(), None),
        ],
    );
}

fn requests_about_daemons_are_checked_in_the_kernels_order(kernel: &mut Conversation) {
    use Command::{DelDaemon, NewDaemon};
    let of = |attributes| vec![CmdAttr::Daemon(attributes)];
    let daemon = |state, interface: &str, more: Vec<DaemonAttr>| {
        let mut attributes = vec![
            DaemonAttr::State(state),
            DaemonAttr::McastIfn(interface.to_owned()),
            DaemonAttr::SyncId(0),
        ];
        attributes.extend(more);
        of(attributes)
    };
    let no_group = vec![DaemonAttr::McastGroup([192, 0, 2, 1])];
    let no_group6 = vec![DaemonAttr::McastGroup6([0x20; 16])];
    assert_all(
        kernel,
        vec![
            (NewDaemon, vec![], Some(Errno::EINVAL)),
            (
                NewDaemon,
                of(vec![DaemonAttr::State(1)]),
                Some(Errno::EINVAL),
            ),
            (
                NewDaemon,
                daemon(1, "nowhere0", no_group),
                Some(Errno::EINVAL),
            ),
            (NewDaemon, daemon(1, "lo", no_group6), Some(Errno::EINVAL)),
            (
                NewDaemon,
                daemon(3, "nowhere0", vec![]),
                Some(Errno::ENODEV),
            ),
            (NewDaemon, daemon(1, "", vec![]), Some(Errno::ENODEV)),
            (NewDaemon, daemon(3, "lo", vec![]), Some(Errno::EINVAL)),
            (
                NewDaemon,
                daemon(1, "sixteen-letters-", vec![]),
                Some(Errno::EINVAL),
            ),
            (DelDaemon, vec![], Some(Errno::EINVAL)),
            (DelDaemon, of(vec![]), Some(Errno::EINVAL)),
            (
                DelDaemon,
                of(vec![DaemonAttr::State(3)]),
                Some(Errno::EINVAL),
            ),
            (
                DelDaemon,
                of(vec![DaemonAttr::State(2)]),
                Some(Errno::ESRCH),
            ),
            // 0 is as good as nothing.
            (
                NewDaemon,
                daemon(1, "lo", vec![DaemonAttr::McastPort(0)]),
                None,
            ),
            (NewDaemon, daemon(1, "lo", vec![]), Some(Errno::EEXIST)),
        ],
    );
}

fn commands_are_asked_for_in_one_way(kernel: &mut Conversation) {
    for command in [Command::GetDest, Command::GetDaemon, Command::SetInfo] {
        assert_eq!(ask(kernel, command, vec![]), Some(Errno::EOPNOTSUPP));
    }
    for command in [Command::NewService, Command::Flush, Command::GetConfig] {
        let question = IpvsMessage::new(command, vec![]);
        let error = kernel.dump(question, |_| Ok(())).unwrap_err();
        assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP), "{command:?}");
    }
}
