//! Makes sure that no other host has a VIP before it is added.

use std::net::IpAddr;

use crate::{Conflict, DeviceName, Error, Host};

/// A VIP, and the device on which other hosts could have it.
pub(crate) type Question = (IpAddr, DeviceName);

/// Asks the network for all VIPs at the same time. Refuses if another host has one of them.
pub(crate) async fn ask(host: &Host, questions: &[Question]) -> Result<(), Error> {
    if questions.is_empty() {
        return Ok(());
    }
    let mut holders = host.probe(questions, host.probe_timing()).await?;
    if holders.is_empty() {
        return Ok(());
    }
    holders.sort_by_key(|holder| holder.address);
    Err(Error::Conflict(Conflict::VipInUse { holders }))
}
