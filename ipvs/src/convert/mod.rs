//! The operator's words to the kernel's attributes and back, both directions of a thing side by
//! side. Units end here: a duration becomes seconds, an address sixteen bytes.

pub(crate) mod destination;
pub(crate) mod family;
pub(crate) mod info;
pub(crate) mod service;
pub(crate) mod stats;
pub(crate) mod sync;
pub(crate) mod timeouts;

use ipvs_sys::{CmdAttr, IpvsMessage};
use netlink_packet_core::DecodeError;

/// Keeps an attribute that may come once.
fn once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), DecodeError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} came twice").into()),
    }
}

fn required<T>(slot: Option<T>, name: &str) -> Result<T, DecodeError> {
    slot.ok_or_else(|| format!("{name} is missing").into())
}

/// The top level of an answer, out of which `pick` takes what it is about.
pub(crate) fn answer<T>(
    message: IpvsMessage,
    name: &str,
    pick: impl Fn(CmdAttr) -> Option<T>,
) -> Result<T, DecodeError> {
    let IpvsMessage::Config { attributes, .. } = message else {
        return Err("an answer to GET_INFO that was not asked for".into());
    };
    let mut found = None;
    for value in attributes.into_iter().filter_map(pick) {
        once(&mut found, value, name)?;
    }
    required(found, name)
}
