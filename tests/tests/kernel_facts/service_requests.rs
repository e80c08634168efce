//! Requests about services: what must be there, what is looked at first, and what is left as it is.

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_ATTR_SERVICE, IPVS_CMD_DEL_DEST, IPVS_CMD_DEL_SERVICE, IPVS_CMD_FLUSH,
    IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_DEST,
    IPVS_CMD_SET_SERVICE, IPVS_CMD_ZERO, IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_FLAGS,
    IPVS_SVC_ATTR_FWMARK, IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PE_NAME, IPVS_SVC_ATTR_PORT,
    IPVS_SVC_ATTR_PROTOCOL, IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_STATS, IPVS_SVC_ATTR_STATS64,
    IPVS_SVC_ATTR_TIMEOUT,
};

use crate::attributes::{
    attribute, configuration, key, named, nest, service, service_with, without,
};
use crate::common::saved;
use crate::wire::{Request, Wire};

const AF_INET: &[u8] = &2u16.to_ne_bytes();
const AF_INET6: &[u8] = &10u16.to_ne_bytes();

/// The same attributes, the last of a number being the one that counts.
pub(crate) fn add_with(more: &[(u16, &[u8])]) -> Request {
    Request::new(IPVS_CMD_NEW_SERVICE, &[with(more)])
}

fn with(more: &[(u16, &[u8])]) -> Vec<u8> {
    let more: Vec<_> = more
        .iter()
        .map(|(kind, value)| attribute(*kind, value))
        .collect();
    service_with(80, &more)
}

#[track_caller]
pub(crate) fn is_carried_out(request: Request) {
    assert_eq!(Wire::open().ask(request), None);
}

/// What the kernel says of TCP 192.0.2.10:80.
pub(crate) fn read() -> Vec<(u16, Vec<u8>)> {
    let question = Request::new(IPVS_CMD_GET_SERVICE, &[named(80)]);
    Wire::open().get(question).nested()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_must_have_all_of_its_configuration_when_it_is_added_or_changed() {
    in_namespace(|| {
        let assert_each_is_missed = || {
            for command in [IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_SERVICE] {
                for kind in [
                    IPVS_SVC_ATTR_SCHED_NAME,
                    IPVS_SVC_ATTR_FLAGS,
                    IPVS_SVC_ATTR_TIMEOUT,
                    IPVS_SVC_ATTR_NETMASK,
                ] {
                    let attributes = [key(80), without(&configuration(), kind)].concat();
                    let service = nest(IPVS_CMD_ATTR_SERVICE, &attributes);
                    let answer = Wire::open().ask(Request::new(command, &[service]));
                    assert_eq!(answer, Some(Errno::EINVAL), "{command} without {kind}");
                }
            }
        };
        assert_each_is_missed();
        // Nor does it matter whether it exists.
        is_carried_out(add_with(&[]));
        assert_each_is_missed();
    });
}

/// Every command that names a service.
const NAMING: [u8; 6] = [
    IPVS_CMD_DEL_SERVICE,
    IPVS_CMD_GET_SERVICE,
    IPVS_CMD_ZERO,
    IPVS_CMD_NEW_DEST,
    IPVS_CMD_SET_DEST,
    IPVS_CMD_DEL_DEST,
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn whatever_names_a_service_must_name_all_of_it() {
    in_namespace(|| {
        is_carried_out(add_with(&[]));
        for command in NAMING {
            for kind in [
                IPVS_SVC_ATTR_AF,
                IPVS_SVC_ATTR_PROTOCOL,
                IPVS_SVC_ATTR_ADDR,
                IPVS_SVC_ATTR_PORT,
            ] {
                let named = nest(IPVS_CMD_ATTR_SERVICE, &without(&key(80), kind));
                let answer = Wire::open().ask(Request::new(command, &[named]));
                assert_eq!(answer, Some(Errno::EINVAL), "{command} without {kind}");
            }
        }
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn whatever_names_a_service_looks_at_its_family_before_it_looks_for_it() {
    in_namespace(|| {
        for command in NAMING {
            let unknown = [key(80), vec![attribute(IPVS_SVC_ATTR_AF, &[1, 0])]].concat();
            let unknown = nest(IPVS_CMD_ATTR_SERVICE, &unknown);
            let answer = Wire::open().ask(Request::new(command, &[unknown]));
            assert_eq!(answer, Some(Errno::EAFNOSUPPORT), "{command}");
            let answer = Wire::open().ask(Request::new(command, &[named(80)]));
            assert_eq!(answer, Some(Errno::ESRCH), "{command}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_change_that_is_refused_changes_nothing() {
    in_namespace(|| {
        is_carried_out(add_with(&[(IPVS_SVC_ATTR_TIMEOUT, &60u32.to_ne_bytes())]));
        let before = read();
        let persistent: &[u8] = &[1, 0, 0, 0, 255, 255, 255, 255];
        let (wlc, unknown): (&[u8], &[u8]) = (b"wlc\0", b"rrr\0");
        let (scheduler, engine) = (IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_PE_NAME);
        for names in [
            [(scheduler, unknown), (engine, b"sip\0")],
            [(scheduler, wlc), (engine, unknown)],
        ] {
            let flags = (IPVS_SVC_ATTR_FLAGS, persistent);
            let changed = with(&[&names[..], &[flags]].concat());
            let answer = Wire::open().ask(Request::new(IPVS_CMD_SET_SERVICE, &[changed]));
            assert_eq!(answer, Some(Errno::ENOENT));
            assert_eq!(read(), before);
        }
    });
}

/// A service of IPv6, whose address is that of no other.
fn of_ipv6(prefix: &[u8], scheduler: &[u8]) -> Vec<u8> {
    with(&[
        (IPVS_SVC_ATTR_AF, AF_INET6),
        (IPVS_SVC_ATTR_NETMASK, prefix),
        (IPVS_SVC_ATTR_SCHED_NAME, scheduler),
    ])
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_prefix_length_of_the_wrong_byte_order_is_refused_and_changes_nothing() {
    in_namespace(|| {
        let right = of_ipv6(&64u32.to_ne_bytes(), b"rr\0");
        is_carried_out(Request::new(IPVS_CMD_NEW_SERVICE, &[right]));
        let before = saved();
        let wrong = of_ipv6(&64u32.to_be_bytes(), b"wlc\0");
        let answer = Wire::open().ask(Request::new(IPVS_CMD_SET_SERVICE, &[wrong]));
        assert_eq!(answer, Some(Errno::EINVAL));
        assert_eq!(saved(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_mark_of_ipv6_needs_a_prefix_length_too() {
    in_namespace(|| {
        let mark: &[u8] = &7u32.to_ne_bytes();
        let marked = |prefix: u32| {
            add_with(&[
                (IPVS_SVC_ATTR_AF, AF_INET6),
                (IPVS_SVC_ATTR_FWMARK, mark),
                (IPVS_SVC_ATTR_NETMASK, &prefix.to_ne_bytes()),
            ])
        };
        for (prefix, answer) in [
            (0, Some(Errno::EINVAL)),
            (129, Some(Errno::EINVAL)),
            (128, None),
        ] {
            assert_eq!(Wire::open().ask(marked(prefix)), answer, "{prefix}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn beside_a_mark_neither_protocol_nor_address_nor_port_count() {
    in_namespace(|| {
        let mark: &[u8] = &7u32.to_ne_bytes();
        let marked = add_with(&[(IPVS_SVC_ATTR_FWMARK, mark)]);
        is_carried_out(marked.clone());
        assert_eq!(saved(), "-A -f 7 -s rr");

        let named = [
            attribute(IPVS_SVC_ATTR_AF, AF_INET),
            attribute(IPVS_SVC_ATTR_FWMARK, mark),
        ];
        let named = nest(IPVS_CMD_ATTR_SERVICE, &named);
        let found = Wire::open().get(Request::new(IPVS_CMD_GET_SERVICE, &[named]));
        let kinds: Vec<_> = found.nested().into_iter().map(|it| it.0).collect();
        assert_eq!(
            kinds,
            [
                IPVS_SVC_ATTR_AF,
                IPVS_SVC_ATTR_FWMARK,
                IPVS_SVC_ATTR_SCHED_NAME,
                IPVS_SVC_ATTR_FLAGS,
                IPVS_SVC_ATTR_TIMEOUT,
                IPVS_SVC_ATTR_NETMASK,
                IPVS_SVC_ATTR_STATS,
                IPVS_SVC_ATTR_STATS64
            ]
        );
        // Another address is not another service.
        let elsewhere = add_with(&[
            (IPVS_SVC_ATTR_FWMARK, mark),
            (IPVS_SVC_ATTR_ADDR, &[192, 0, 2, 11]),
        ]);
        assert_eq!(Wire::open().ask(elsewhere), Some(Errno::EEXIST));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn flushing_flushes_all_whatever_it_names() {
    in_namespace(|| {
        for port in [80, 81] {
            is_carried_out(Request::new(IPVS_CMD_NEW_SERVICE, &[service(port)]));
        }
        is_carried_out(Request::new(IPVS_CMD_FLUSH, &[named(80)]));
        assert_eq!(saved(), "");
    });
}
