use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::time::Duration;

use ipvs_sys::constants::{
    IP_VS_SVC_F_ONEPACKET, IP_VS_SVC_F_PERSISTENT, IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2,
    IP_VS_SVC_F_SCHED3, IPVS_SVC_ATTR_PE_NAME, IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_STATS,
    IPVS_SVC_ATTR_STATS64,
};
use ipvs_sys::{Attribute, AttributeSpace, ServiceFlags, SvcAttr};
use netlink_packet_core::DecodeError;

use super::{Put, family, name, once, required, stats};
use crate::{
    Endpoint, Family, Netmask, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags,
    Service, ServiceId, ServiceStatus,
};

/// Position of the [`SchedulerFlags`] among the flags of a service.
const SCHEDULER_SHIFT: u32 = IP_VS_SVC_F_SCHED1.trailing_zeros();
const SCHEDULER_MASK: u32 = IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3;

/// The netmask of a service without one: each address counts separately.
const WHOLE_IPV4: [u8; 4] = [255; 4];
const WHOLE_IPV6: u32 = 128;

/// Writes the identity of a service. Attributes are written one by one, here and everywhere: collecting
/// them first would cost more than writing them.
#[inline]
pub(crate) fn put_identity(id: ServiceId, to: &mut impl Put<SvcAttr>) {
    to.put(SvcAttr::Af(family::to_number(id.family())));
    match id {
        ServiceId::Address { protocol, endpoint } => {
            to.put(SvcAttr::Protocol(protocol.number()));
            to.put(SvcAttr::Addr(family::to_bytes(endpoint.address)));
            to.put(SvcAttr::Port(endpoint.port_number()));
        }
        ServiceId::Fwmark { mark, .. } => to.put(SvcAttr::Fwmark(mark.get())),
    }
}

/// Writes a complete service, in the order of `ipvsadm`. The kernel requires a timeout and a netmask even
/// without persistence.
#[inline]
pub(crate) fn put(service: &Service, to: &mut impl Put<SvcAttr>) {
    put_identity(service.id, to);
    to.put(SvcAttr::SchedName(service.scheduler.name().to_owned()));
    if let Some(engine) = &service.persistence_engine {
        to.put(SvcAttr::PeName(engine.name().to_owned()));
    }
    to.put(SvcAttr::Flags(ServiceFlags {
        flags: flags(service),
        mask: u32::MAX,
    }));
    let persistence = service.persistence;
    let timeout = persistence.map_or(0, |persistence| persistence.timeout.as_secs());
    to.put(SvcAttr::Timeout(u32::try_from(timeout).unwrap_or(u32::MAX)));
    let netmask = persistence.and_then(|persistence| persistence.netmask);
    to.put(SvcAttr::Netmask(netmask_to_bytes(
        service.id.family(),
        netmask,
    )));
}

/// The attributes of a received service. A request that only identifies one has fewer than an answer.
#[derive(Default)]
pub(crate) struct Attributes<'a> {
    af: Option<u16>,
    protocol: Option<u16>,
    address: Option<[u8; 16]>,
    port: Option<u16>,
    mark: Option<u32>,
    flags: Option<u32>,
    timeout: Option<u32>,
    netmask: Option<[u8; 4]>,
    scheduler: Option<&'a [u8]>,
    engine: Option<&'a [u8]>,
    stats32: Option<&'a [u8]>,
    stats64: Option<&'a [u8]>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut read = Self::default();
        for attribute in ipvs_sys::Attributes::of(bytes) {
            read.take(attribute?)?;
        }
        Ok(read)
    }

    fn take(&mut self, attribute: Attribute<'a>) -> Result<(), DecodeError> {
        // Names and nests are decoded in place instead of being stored first.
        let slot = match attribute.kind {
            IPVS_SVC_ATTR_SCHED_NAME => Some((&mut self.scheduler, "IPVS_SVC_ATTR_SCHED_NAME")),
            IPVS_SVC_ATTR_PE_NAME => Some((&mut self.engine, "IPVS_SVC_ATTR_PE_NAME")),
            IPVS_SVC_ATTR_STATS => Some((&mut self.stats32, "IPVS_SVC_ATTR_STATS")),
            IPVS_SVC_ATTR_STATS64 => Some((&mut self.stats64, "IPVS_SVC_ATTR_STATS64")),
            _ => None,
        };
        if let Some((slot, name)) = slot {
            return once(slot, attribute.value, name);
        }
        let read = SvcAttr::read(attribute);
        let kept = match &read {
            Ok(SvcAttr::Af(it)) => once(&mut self.af, *it, "IPVS_SVC_ATTR_AF"),
            Ok(SvcAttr::Protocol(it)) => once(&mut self.protocol, *it, "IPVS_SVC_ATTR_PROTOCOL"),
            Ok(SvcAttr::Addr(it)) => once(&mut self.address, *it, "IPVS_SVC_ATTR_ADDR"),
            Ok(SvcAttr::Port(it)) => once(&mut self.port, *it, "IPVS_SVC_ATTR_PORT"),
            Ok(SvcAttr::Fwmark(it)) => once(&mut self.mark, *it, "IPVS_SVC_ATTR_FWMARK"),
            Ok(SvcAttr::Flags(it)) => once(&mut self.flags, it.flags, "IPVS_SVC_ATTR_FLAGS"),
            Ok(SvcAttr::Timeout(it)) => once(&mut self.timeout, *it, "IPVS_SVC_ATTR_TIMEOUT"),
            Ok(SvcAttr::Netmask(it)) => once(&mut self.netmask, *it, "IPVS_SVC_ATTR_NETMASK"),
            _ => return read.map(drop),
        };
        // The stored value is a number and needs no drop, which the compiler does not see.
        std::mem::forget(read);
        kept
    }

    fn family(&self) -> Result<Family, DecodeError> {
        family::from_number(required(self.af, "IPVS_SVC_ATTR_AF")?)
    }

    /// Returns the identity.
    pub(crate) fn id(&self) -> Result<ServiceId, DecodeError> {
        let family = self.family()?;
        Ok(match self.mark {
            Some(mark) => ServiceId::Fwmark {
                mark: NonZeroU32::new(mark).ok_or("IPVS_SVC_ATTR_FWMARK is 0")?,
                family,
            },
            None => ServiceId::Address {
                protocol: Protocol::from(required(self.protocol, "IPVS_SVC_ATTR_PROTOCOL")?),
                endpoint: Endpoint::new(
                    family::from_bytes(family, required(self.address, "IPVS_SVC_ATTR_ADDR")?),
                    required(self.port, "IPVS_SVC_ATTR_PORT")?,
                ),
            },
        })
    }

    /// Returns the configuration and the statistics.
    pub(crate) fn status(&self) -> Result<ServiceStatus, DecodeError> {
        Ok(ServiceStatus {
            service: self.configuration()?,
            stats: stats::from_nests(self.stats32, self.stats64)?,
        })
    }

    /// Returns the configuration.
    pub(crate) fn configuration(&self) -> Result<Service, DecodeError> {
        let flags = required(self.flags, "IPVS_SVC_ATTR_FLAGS")?;
        let scheduler = required(self.scheduler, "IPVS_SVC_ATTR_SCHED_NAME")?;
        let engine = self
            .engine
            .map(|engine| name(engine, "IPVS_SVC_ATTR_PE_NAME"));
        Ok(Service {
            id: self.id()?,
            scheduler: Scheduler::from_kernel(name(scheduler, "IPVS_SVC_ATTR_SCHED_NAME")?),
            scheduler_flags: scheduler_flags(flags),
            persistence: self.persistence(flags)?,
            persistence_engine: engine
                .transpose()?
                .filter(|name| !name.is_empty())
                .map(|name| PersistenceEngine::from_kernel(name.to_owned())),
            one_packet: flags & IP_VS_SVC_F_ONEPACKET != 0,
        })
    }

    fn persistence(&self, flags: u32) -> Result<Option<Persistence>, DecodeError> {
        if flags & IP_VS_SVC_F_PERSISTENT == 0 {
            return Ok(None);
        }
        let timeout = required(self.timeout, "IPVS_SVC_ATTR_TIMEOUT")?;
        let netmask = required(self.netmask, "IPVS_SVC_ATTR_NETMASK")?;
        Ok(Some(Persistence {
            timeout: Duration::from_secs(timeout.into()),
            netmask: netmask_from_bytes(self.family()?, netmask)?,
        }))
    }
}

fn flags(service: &Service) -> u32 {
    // Bits outside the scheduler flags have another meaning.
    let mut flags = (u32::from(service.scheduler_flags.bits()) << SCHEDULER_SHIFT) & SCHEDULER_MASK;
    if service.persistence.is_some() {
        flags |= IP_VS_SVC_F_PERSISTENT;
    }
    if service.one_packet {
        flags |= IP_VS_SVC_F_ONEPACKET;
    }
    flags
}

fn scheduler_flags(flags: u32) -> SchedulerFlags {
    u8::try_from((flags & SCHEDULER_MASK) >> SCHEDULER_SHIFT)
        .map(|bits| SchedulerFlags::from_bits_retain(bits & SchedulerFlags::all().bits()))
        .unwrap_or_default()
}

/// Encodes a netmask. IPv4 sends the bytes of the mask, IPv6 a prefix length in native byte order.
fn netmask_to_bytes(family: Family, netmask: Option<Netmask>) -> [u8; 4] {
    match (family, netmask) {
        (_, Some(Netmask::Ipv4(mask))) => mask.octets(),
        (_, Some(Netmask::Ipv6(prefix))) => u32::from(prefix).to_ne_bytes(),
        (Family::Ipv4, None) => WHOLE_IPV4,
        (Family::Ipv6, None) => WHOLE_IPV6.to_ne_bytes(),
    }
}

fn netmask_from_bytes(family: Family, bytes: [u8; 4]) -> Result<Option<Netmask>, DecodeError> {
    match family {
        Family::Ipv4 if bytes == WHOLE_IPV4 => Ok(None),
        Family::Ipv4 => Ok(Some(Netmask::Ipv4(Ipv4Addr::from(bytes)))),
        Family::Ipv6 => match u32::from_ne_bytes(bytes) {
            WHOLE_IPV6 => Ok(None),
            prefix => u8::try_from(prefix)
                .map(|prefix| Some(Netmask::Ipv6(prefix)))
                .map_err(|_| format!("IPVS_SVC_ATTR_NETMASK: prefix length {prefix}").into()),
        },
    }
}
