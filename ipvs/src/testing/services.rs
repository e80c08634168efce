//! Requests about services.

use std::collections::VecDeque;

use ipvs_sys::constants::IP_VS_SVC_F_HASHED;
use ipvs_sys::{CmdAttr, Command, Errno, IpvsMessage, ServiceFlags, SvcAttr};

use super::attributes::Attributes;
use super::state::{Configuration, Service, State, TICK_RATE};
use super::stats;
use crate::netlink::convert::family;
use crate::{Endpoint, Family, Protocol, ServiceId, Stats};

const LONGEST_SCHEDULER: usize = 15;
const LONGEST_ENGINE: usize = 16;

/// The only persistence engine of the kernel.
const ENGINE: &str = "sip";

/// The name that means "no scheduler".
const NO_SCHEDULER: &str = "none";

/// Size of the lookup table of Maglev hashing.
const MOST_FOR_MAGLEV: usize = 4093;

/// A service as the client sent it.
#[derive(Default)]
struct Sent<'a> {
    af: Option<u16>,
    protocol: Option<u16>,
    address: Option<[u8; 16]>,
    port: Option<u16>,
    mark: Option<u32>,
    scheduler: Option<&'a str>,
    engine: Option<&'a str>,
    flags: Option<ServiceFlags>,
    timeout: Option<u32>,
    netmask: Option<[u8; 4]>,
}

impl<'a> Sent<'a> {
    fn parse(attributes: &'a Attributes) -> Result<Self, Errno> {
        let mut sent = Self::default();
        for attribute in attributes.service.as_ref().ok_or(Errno::EINVAL)? {
            match attribute {
                SvcAttr::Af(value) => sent.af = Some(*value),
                SvcAttr::Protocol(value) => sent.protocol = Some(*value),
                SvcAttr::Addr(value) => sent.address = Some(*value),
                SvcAttr::Port(value) => sent.port = Some(*value),
                SvcAttr::Fwmark(value) => sent.mark = Some(*value),
                SvcAttr::SchedName(value) if value.len() > LONGEST_SCHEDULER => {
                    return Err(Errno::EINVAL);
                }
                SvcAttr::SchedName(value) => sent.scheduler = Some(value),
                SvcAttr::PeName(value) if value.len() > LONGEST_ENGINE => {
                    return Err(Errno::EINVAL);
                }
                SvcAttr::PeName(value) => sent.engine = Some(value),
                SvcAttr::Flags(value) => sent.flags = Some(*value),
                SvcAttr::Timeout(value) => sent.timeout = Some(*value),
                SvcAttr::Netmask(value) => sent.netmask = Some(*value),
                _ => {}
            }
        }
        Ok(sent)
    }

    /// With a mark, the kernel ignores the address. Mark 0 means no mark and gives a TCP service without an
    /// address.
    fn id(&self, state: &State) -> Result<ServiceId, Errno> {
        let address = self.protocol.zip(self.address).zip(self.port);
        let (Some(af), true) = (self.af, self.mark.is_some() || address.is_some()) else {
            return Err(Errno::EINVAL);
        };
        let family = state.family(af)?;
        let ((protocol, address), port) = match self.mark.map(TryInto::try_into) {
            Some(Ok(mark)) => return Ok(ServiceId::Fwmark { mark, family }),
            Some(Err(_)) => ((Protocol::Tcp.number(), [0; 16]), 0),
            None => address.ok_or(Errno::EINVAL)?,
        };
        Ok(ServiceId::Address {
            protocol: Protocol::from(protocol),
            endpoint: Endpoint::new(family::from_bytes(family, address), port),
        })
    }

    /// Flags outside the mask keep their values.
    fn configuration(&self, before: u32) -> Result<Configuration, Errno> {
        let (Some(scheduler), Some(flags), Some(timeout), Some(netmask)) =
            (self.scheduler, self.flags, self.timeout, self.netmask)
        else {
            return Err(Errno::EINVAL);
        };
        let engine = self.engine.filter(|name| !name.is_empty());
        Ok(Configuration {
            scheduler: scheduler.to_owned(),
            engine: engine.map(str::to_owned),
            flags: (before & !flags.mask) | (flags.flags & flags.mask) | IP_VS_SVC_F_HASHED,
            timeout: timeout.wrapping_mul(TICK_RATE) / TICK_RATE,
            netmask,
        })
    }
}

impl State {
    /// The service that the request names, whether it exists or not.
    pub(super) fn named(&self, attributes: &Attributes) -> Result<ServiceId, Errno> {
        Sent::parse(attributes)?.id(self)
    }

    /// The service that the request names, which must exist.
    pub(super) fn existing(&self, attributes: &Attributes) -> Result<&Service, Errno> {
        let id = self.named(attributes)?;
        self.table.service(id).ok_or(Errno::ESRCH)
    }

    pub(super) fn existing_mut(&mut self, attributes: &Attributes) -> Result<&mut Service, Errno> {
        let id = self.named(attributes)?;
        self.table.service_mut(id).ok_or(Errno::ESRCH)
    }

    pub(super) fn add_service(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let sent = Sent::parse(attributes)?;
        let id = sent.id(self)?;
        let configuration = sent.configuration(0)?;
        if self.table.service(id).is_some() {
            return Err(Errno::EEXIST);
        }
        self.check(id, &configuration)?;
        self.table.add(Service {
            id,
            configuration,
            stats: Stats::default(),
            destinations: VecDeque::new(),
        });
        Ok(())
    }

    pub(super) fn update_service(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let sent = Sent::parse(attributes)?;
        let id = sent.id(self)?;
        let service = self.table.service(id);
        let before = service.map(|service| &service.configuration);
        let configuration = sent.configuration(before.map_or(0, |before| before.flags))?;
        let service = service.ok_or(Errno::ESRCH)?;
        self.check(id, &configuration)?;
        let is_other = service.configuration.scheduler != configuration.scheduler;
        if is_other
            && configuration.scheduler == "mh"
            && service.destinations.len() > MOST_FOR_MAGLEV
        {
            return Err(Errno::EINVAL);
        }
        self.existing_mut(attributes)?.configuration = configuration;
        Ok(())
    }

    fn check(&self, id: ServiceId, wanted: &Configuration) -> Result<(), Errno> {
        if wanted.scheduler != NO_SCHEDULER && !self.schedulers.contains(&wanted.scheduler) {
            return Err(Errno::ENOENT);
        }
        if wanted.engine.as_ref().is_some_and(|name| name != ENGINE) {
            return Err(Errno::ENOENT);
        }
        match id.family() {
            Family::Ipv6 if !(1..=128).contains(&u32::from_ne_bytes(wanted.netmask)) => {
                Err(Errno::EINVAL)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn delete_service(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let id = self.existing(attributes)?.id;
        self.table.delete(id);
        Ok(())
    }

    /// A request without a service means all services.
    pub(super) fn zero(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        if attributes.service.is_none() {
            self.table.zero();
            self.totals = Stats::default();
        } else {
            self.existing_mut(attributes)?.zero();
        }
        Ok(())
    }

    pub(super) fn read_service(&self, attributes: &Attributes) -> Result<IpvsMessage, Errno> {
        self.existing(attributes).map(Service::message)
    }
}

impl Service {
    pub(super) fn message(&self) -> IpvsMessage {
        let configuration = &self.configuration;
        let mut attributes = Vec::new();
        crate::netlink::convert::service::put_identity(self.id, &mut attributes);
        attributes.push(SvcAttr::SchedName(configuration.scheduler.clone()));
        attributes.extend(configuration.engine.clone().map(SvcAttr::PeName));
        attributes.extend([
            SvcAttr::Flags(ServiceFlags {
                flags: configuration.flags,
                mask: u32::MAX,
            }),
            SvcAttr::Timeout(configuration.timeout),
            SvcAttr::Netmask(configuration.netmask),
            SvcAttr::Stats(stats::narrow(&self.stats)),
            SvcAttr::Stats64(stats::wide(&self.stats)),
        ]);
        IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(attributes)])
    }
}
