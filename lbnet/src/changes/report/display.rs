//! Writes each step as one line.

use std::{fmt, net::IpAddr};

use super::{AnnouncementOutcome, LargestPacket, ObjectOutcome, Report, Step, SysctlOutcome};
use crate::{Address, DeviceName, Sysctl};

impl fmt::Display for Report {
    /// Writes one line for each step.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { address, outcome } => address_line(f, address, outcome),
            Self::Link { link, outcome } => {
                thing_line(f, &format_args!("the device {link}"), outcome)
            }
            Self::Listener { listener, outcome } => thing_line(f, listener, outcome),
            Self::Route { route, outcome } => thing_line(f, route, outcome),
            Self::Sysctl { key, outcome } => sysctl_line(f, key, outcome),
            Self::Announcement {
                vip,
                device,
                outcome,
            } => announcement_line(f, *vip, device, outcome),
            Self::LargestPacket { advice } => write!(f, "{advice}"),
            Self::FoundByMark { set_up } => write!(
                f,
                "no journal knows the {set_up}: undoing what has the mark of ipvs-rs; settings stay as they are"
            ),
            Self::AddedAlone { vip, device } => write!(
                f,
                "{} gets the prefix /32, not /{}: {device} has no permanent address of this host in \
                 {}, so the VIP would be the source of packets to real servers, which do not answer \
                 it",
                vip.address(),
                vip.length(),
                vip.network()
            ),
            Self::NothingToUndo { set_up } => {
                write!(f, "nothing to undo: this host is not set up as {set_up}")
            }
        }
    }
}

fn address_line(
    f: &mut fmt::Formatter<'_>,
    address: &Address,
    outcome: &ObjectOutcome,
) -> fmt::Result {
    let Address {
        prefix,
        device,
        label,
        ..
    } = address;
    match outcome {
        ObjectOutcome::Added => {
            write!(f, "added {prefix} to {device}")?;
            match label {
                Some(label) => write!(f, " as {label}"),
                None => Ok(()),
            }
        }
        ObjectOutcome::AlreadyExists | ObjectOutcome::SwitchedOn => {
            write!(f, "{prefix} is on {device}")?;
            match label {
                Some(label) if label != device.as_str() => write!(f, " as {label} already"),
                _ => write!(f, " already"),
            }
        }
        ObjectOutcome::Deleted => write!(f, "deleted {prefix} from {device}"),
        ObjectOutcome::AlreadyGone => write!(f, "{prefix} is gone from {device} already"),
        ObjectOutcome::AddedByOthers | ObjectOutcome::UsedByOthers => {
            write!(f, "left {address}: it was not added by a set-up")
        }
        ObjectOutcome::StillNeeded { by } => write!(f, "left {address}: the {by} needs it"),
        ObjectOutcome::NotUndone { reason } => write!(f, "could not delete {address}: {reason}"),
    }
}

fn thing_line(
    f: &mut fmt::Formatter<'_>,
    thing: &dyn fmt::Display,
    outcome: &ObjectOutcome,
) -> fmt::Result {
    match outcome {
        ObjectOutcome::Added => write!(f, "added {thing}"),
        ObjectOutcome::AlreadyExists => write!(f, "{thing} exists already"),
        ObjectOutcome::SwitchedOn => write!(f, "switched {thing} on"),
        ObjectOutcome::Deleted => write!(f, "deleted {thing}"),
        ObjectOutcome::AlreadyGone => write!(f, "{thing} is gone already"),
        ObjectOutcome::AddedByOthers => write!(f, "left {thing}: it was not added by a set-up"),
        ObjectOutcome::UsedByOthers => {
            write!(
                f,
                "left {thing}: it has addresses that were not added by a set-up"
            )
        }
        ObjectOutcome::StillNeeded { by } => write!(f, "left {thing}: the {by} needs it"),
        ObjectOutcome::NotUndone { reason } => write!(f, "could not delete {thing}: {reason}"),
    }
}

impl fmt::Display for LargestPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "packets larger than {} bytes do not fit into {} on {} (MTU {}): ",
            self.largest, self.decapsulation, self.device, self.mtu
        )?;
        match &self.remedy {
            Some(command) => write!(f, "limit TCP segments with {command}"),
            None => write!(
                f,
                "limit TCP segments with advmss {} on the routes to clients",
                self.segment
            ),
        }
    }
}

fn sysctl_line(f: &mut fmt::Formatter<'_>, key: &Sysctl, outcome: &SysctlOutcome) -> fmt::Result {
    match outcome {
        SysctlOutcome::Set { value, was } => write!(f, "set {key} = {value} (was {was})"),
        SysctlOutcome::AlreadySet { value } => write!(f, "{key} = {value} already"),
        SysctlOutcome::Restored { value, was } => write!(f, "restored {key} = {value} (was {was})"),
        SysctlOutcome::AlreadyRestored { value } => {
            write!(f, "{key} is back at {value} already")
        }
        SysctlOutcome::AlreadyGone => write!(f, "{key} is gone already"),
        SysctlOutcome::ChangedByOthers { value, set_to, was } => {
            write!(
                f,
                "left {key} = {value}: it has been changed since it was set to {set_to}"
            )?;
            write!(f, " (it was {was} before)")
        }
        SysctlOutcome::StillNeeded { value, by } => {
            write!(f, "left {key} = {value}: the {by} needs it")
        }
        SysctlOutcome::NotUndone {
            set_to,
            was,
            reason,
        } => {
            write!(
                f,
                "could not restore {key} = {was} (set to {set_to}): {reason}"
            )
        }
    }
}

fn announcement_line(
    f: &mut fmt::Formatter<'_>,
    vip: IpAddr,
    device: &DeviceName,
    outcome: &AnnouncementOutcome,
) -> fmt::Result {
    let reason = match outcome {
        AnnouncementOutcome::Announced(announced) => {
            let times = if announced.rounds == 1 {
                "time"
            } else {
                "times"
            };
            write!(f, "announced {vip} on {device} ({}) ", announced.mac)?;
            write!(f, "{} {times}", announced.rounds)?;
            return match announced.left {
                0 => Ok(()),
                left => write!(f, ", {left} more to follow"),
            };
        }
        AnnouncementOutcome::NotNeeded => "this host had it already",
        AnnouncementOutcome::LinkDown => "the device is down",
        AnnouncementOutcome::NoCarrier(cause) => {
            return write!(f, "did not announce {vip} on {device}: {cause}");
        }
        AnnouncementOutcome::NotOnDevice => {
            "it is not on that device, so a router must send its packets here"
        }
        AnnouncementOutcome::NoNeighbours => "the device has no neighbours",
    };
    write!(f, "did not announce {vip} on {device}: {reason}")
}

#[cfg(test)]
mod tests;
