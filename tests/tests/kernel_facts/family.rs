//! The family, as generic netlink knows it.

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{IPVS_CMD_FLUSH, IPVS_CMD_GET_INFO};

use crate::attributes::{split, value};
use crate::wire::{GENL_ID_CTRL, Request, Wire, lookup};

const CTRL_ATTR_VERSION: u16 = 3;
const CTRL_ATTR_HDRSIZE: u16 = 4;
const CTRL_ATTR_MAXATTR: u16 = 5;
const CTRL_ATTR_OPS: u16 = 6;
const CTRL_ATTR_MCAST_GROUPS: u16 = 7;
const CTRL_ATTR_OP_ID: u16 = 1;
const CTRL_ATTR_OP_FLAGS: u16 = 2;

const NEEDS_PRIVILEGE: u32 = 1;
const DOES: u32 = 2;
const DUMPS: u32 = 4;

fn described() -> Vec<(u16, Vec<u8>)> {
    Wire::of(GENL_ID_CTRL).get(lookup("IPVS")).attributes()
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(bytes.try_into().unwrap())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn it_is_found_by_its_exact_name_only() {
    in_namespace(|| {
        for name in ["ipvs", "IPVS ", "IPV", ""] {
            let answer = Wire::of(GENL_ID_CTRL).ask(lookup(name));
            assert_eq!(answer, Some(Errno::ENOENT), "{name:?}");
        }
        assert_eq!(Wire::of(GENL_ID_CTRL).ask(lookup("IPVS")), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn it_has_version_1_and_six_attributes_and_no_header_and_nothing_to_subscribe_to() {
    in_namespace(|| {
        let family = described();
        for (kind, expected) in [
            (CTRL_ATTR_VERSION, 1),
            (CTRL_ATTR_HDRSIZE, 0),
            (CTRL_ATTR_MAXATTR, 6),
        ] {
            assert_eq!(number(value(&family, kind)), expected, "{kind}");
        }
        let groups = family
            .iter()
            .any(|(kind, _)| *kind == CTRL_ATTR_MCAST_GROUPS);
        assert!(!groups);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_command_needs_privilege_and_each_is_done_or_dumped() {
    in_namespace(|| {
        let commands: Vec<_> = split(value(&described(), CTRL_ATTR_OPS))
            .iter()
            .map(|(_, command)| {
                let command = split(command);
                let number = |kind| number(value(&command, kind));
                (number(CTRL_ATTR_OP_ID), number(CTRL_ATTR_OP_FLAGS))
            })
            .collect();
        let numbers: Vec<_> = commands.iter().map(|it| it.0).collect();
        // 14 is the command of an answer.
        let expected: Vec<u32> = (1..=13).chain(15..=17).collect();
        assert_eq!(numbers, expected);
        for (command, flags) in commands {
            let kind = match command {
                4 => DOES | DUMPS,
                8 | 11 => DUMPS,
                _ => DOES,
            };
            let found = flags & (NEEDS_PRIVILEGE | DOES | DUMPS);
            assert_eq!(found, NEEDS_PRIVILEGE | kind, "{command}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_number_that_no_family_has_is_not_there_whatever_is_asked_for() {
    in_namespace(|| {
        for command in [IPVS_CMD_GET_INFO, IPVS_CMD_FLUSH, 255] {
            let answer = Wire::of(0xfff0).ask(Request::new(command, &[]));
            assert_eq!(answer, Some(Errno::ENOENT), "{command}");
        }
    });
}
