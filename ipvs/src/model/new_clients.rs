//! What becomes of new clients: whether the scheduler finds a destination for them.

use std::fmt;

use crate::{
    DestinationId, DestinationStatus, Scheduler, SchedulerFlags, ServiceId, VirtualServerStatus,
};

/// What happens to new clients of a service; see [`VirtualServerStatus::new_clients`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewClients {
    /// Every new client gets a destination.
    Served,
    /// The scheduler assigns a share of the clients to destinations that are unavailable, and refuses them.
    /// This happens with `sh`, `mh` and `dh`.
    ShareRefused {
        /// The destinations whose clients are refused, in the order of the list.
        unavailable: Vec<(DestinationId, Unavailable)>,
        /// The scheduler flag that sends these clients to other destinations. `dh` has none.
        remedy: Option<SchedulerFlags>,
    },
    /// Every new client is refused.
    Refused(NoneAvailable),
    /// No destination is available, but the kernel sends packets to their original destination, because
    /// [`CACHE_BYPASS`](crate::settings::CACHE_BYPASS) is on.
    Bypassed(NoneAvailable),
}

/// Why no destination can be chosen for new clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoneAvailable {
    /// The service has no scheduler ([`Scheduler::NONE`]).
    NoScheduler,
    /// The service has no destination.
    NoDestination,
    /// No destination is available, each for this reason.
    AllUnavailable(Vec<(DestinationId, Unavailable)>),
}

/// Why a destination gets no new clients; see [`DestinationStatus::unavailable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unavailable {
    /// Its weight is 0.
    ZeroWeight,
    /// It has as many connections as its upper threshold allows.
    Full,
    /// The scheduler is `ovf`, and it has more active connections than its weight.
    OverWeight,
}

/// What the kernel does with packets that get no destination: the setting
/// [`CACHE_BYPASS`](crate::settings::CACHE_BYPASS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CacheBypass {
    /// It refuses them. This is the default.
    #[default]
    Off,
    /// If the service is for a firewall mark, it sends them to their original destination.
    On,
}

/// From the value of the setting.
impl From<bool> for CacheBypass {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

impl DestinationStatus {
    /// Returns why this scheduler gives the destination no new clients. `None` if it can get some.
    ///
    /// `lblc` goes on choosing a destination that is full.
    ///
    /// A destination that was full stays so until it has fewer connections than its lower threshold. The
    /// kernel does not show this, so a destination between its thresholds counts as available here.
    ///
    /// # Examples
    /// ```
    /// use ipvs::{Destination, DestinationStatus, Endpoint, Scheduler, Stats, Unavailable};
    ///
    /// let drained = Destination::new("198.51.100.7:80".parse::<Endpoint>()?).weight(0);
    /// let status = DestinationStatus::new(drained, Stats::default());
    /// assert_eq!(status.unavailable(&Scheduler::ROUND_ROBIN), Some(Unavailable::ZeroWeight));
    /// # Ok::<(), ipvs::ParseError>(())
    /// ```
    pub fn unavailable(&self, scheduler: &Scheduler) -> Option<Unavailable> {
        let destination = &self.destination;
        // The kernel counts templates of persistence separately.
        let connections = self
            .active_connections
            .saturating_add(self.inactive_connections);
        if destination.weight == 0 {
            Some(Unavailable::ZeroWeight)
        } else if *scheduler != Scheduler::LOCALITY_BASED_LEAST_CONNECTION
            && destination
                .upper_threshold
                .is_some_and(|upper| connections >= upper.get())
        {
            Some(Unavailable::Full)
        } else if *scheduler == Scheduler::WEIGHTED_OVERFLOW
            && self.active_connections > destination.weight
        {
            Some(Unavailable::OverWeight)
        } else {
            None
        }
    }
}

impl VirtualServerStatus {
    /// Returns what happens to new clients of this service. To learn what a change would do to them, make
    /// the change in a copy first.
    ///
    /// This is about clients without a connection or a persistence template. The kernel refuses a client
    /// with an ICMP error: "connection refused" for TCP.
    ///
    /// # Examples
    /// ```
    /// use ipvs::{
    ///     CacheBypass, Destination, DestinationStatus, Endpoint, Hashing, NewClients, Service,
    ///     ServiceStatus, Stats, VirtualServerStatus,
    /// };
    ///
    /// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?).hashed(Hashing::maglev());
    /// let servers = ["198.51.100.7:80", "198.51.100.8:80"].map(|server| {
    ///     let destination = Destination::new(server.parse::<Endpoint>().expect("an address"));
    ///     DestinationStatus::new(destination, Stats::default())
    /// });
    /// let mut web = VirtualServerStatus::new(ServiceStatus::new(web, Stats::default()), servers);
    /// assert_eq!(web.new_clients(CacheBypass::Off), NewClients::Served);
    ///
    /// web.destinations[0].destination.weight = 0;
    /// let NewClients::ShareRefused { remedy, .. } = web.new_clients(CacheBypass::Off) else {
    ///     panic!("Maglev hashing keeps the share of a server of weight 0");
    /// };
    /// assert_eq!(remedy, Some(ipvs::SchedulerFlags::FALLBACK));
    /// # Ok::<(), ipvs::ParseError>(())
    /// ```
    pub fn new_clients(&self, cache_bypass: CacheBypass) -> NewClients {
        let service = &self.service.service;
        match self.none_available() {
            Some(reason) if cache_bypass == CacheBypass::On && is_for_mark(service.id) => {
                NewClients::Bypassed(reason)
            }
            Some(reason) => NewClients::Refused(reason),
            None => self.by_hash(),
        }
    }

    fn none_available(&self) -> Option<NoneAvailable> {
        if self.service.service.scheduler == Scheduler::NONE {
            return Some(NoneAvailable::NoScheduler);
        }
        let unavailable = self.unavailable();
        match (self.destinations.len(), unavailable.len()) {
            (0, _) => Some(NoneAvailable::NoDestination),
            (all, some) if some == all => Some(NoneAvailable::AllUnavailable(unavailable)),
            _ => None,
        }
    }

    /// A hashing scheduler keeps the share of a destination that is unavailable.
    fn by_hash(&self) -> NewClients {
        let service = &self.service.service;
        let remedy = match &service.scheduler {
            hash if [Scheduler::SOURCE_HASHING, Scheduler::MAGLEV_HASHING].contains(hash) => {
                Some(SchedulerFlags::FALLBACK)
            }
            hash if *hash == Scheduler::DESTINATION_HASHING => None,
            _ => return NewClients::Served,
        };
        let unavailable = self.unavailable();
        let falls_back = remedy.is_some_and(|flag| service.scheduler_flags.contains(flag));
        if falls_back || unavailable.is_empty() {
            return NewClients::Served;
        }
        NewClients::ShareRefused {
            unavailable,
            remedy,
        }
    }

    fn unavailable(&self) -> Vec<(DestinationId, Unavailable)> {
        let scheduler = &self.service.service.scheduler;
        let destinations = self.destinations.iter();
        destinations
            .filter_map(|it| Some((it.destination.id, it.unavailable(scheduler)?)))
            .collect()
    }
}

fn is_for_mark(service: ServiceId) -> bool {
    matches!(service, ServiceId::Fwmark { .. })
}

impl fmt::Display for NoneAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheduler => "it has no scheduler",
            Self::NoDestination => "it has no destination",
            Self::AllUnavailable(destinations) => {
                let mut reasons = destinations.iter().map(|(_, reason)| *reason);
                let first = reasons.next();
                match first.filter(|first| reasons.all(|other| other == *first)) {
                    Some(Unavailable::ZeroWeight) => "all its destinations have weight 0",
                    Some(Unavailable::Full) => "all its destinations are at their upper threshold",
                    Some(Unavailable::OverWeight) => {
                        "all its destinations have more active connections than their weight"
                    }
                    None => "all its destinations have weight 0 or are full",
                }
            }
        })
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ZeroWeight => "weight 0",
            Self::Full => "full",
            Self::OverWeight => "over its weight",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Destination, Endpoint, Family, Hashing, Service, ServiceStatus, Stats};
    use std::num::NonZeroU32;

    fn server(number: u8, weight: u32) -> DestinationStatus {
        let id = Endpoint::new([198, 51, 100, number].into(), 80);
        DestinationStatus::new(Destination::new(id).weight(weight), Stats::default())
    }

    fn full(number: u8) -> DestinationStatus {
        let mut full = server(number, 1);
        full.destination.upper_threshold = NonZeroU32::new(10);
        (full.active_connections, full.inactive_connections) = (4, 6);
        full
    }

    fn web(service: impl FnOnce(Service) -> Service) -> Service {
        service(Service::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap()))
    }

    fn of<const N: usize>(service: Service, servers: [DestinationStatus; N]) -> NewClients {
        let service = ServiceStatus::new(service, Stats::default());
        VirtualServerStatus::new(service, servers).new_clients(CacheBypass::Off)
    }

    #[test]
    fn a_scheduler_that_does_not_hash_serves_all_clients_with_one_destination() {
        for scheduler in ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sed", "nq", "fo"] {
            let service = web(|it| it.scheduler(scheduler.parse().unwrap()));
            let servers = [server(7, 0), full(8), server(9, 1)];
            assert_eq!(of(service, servers), NewClients::Served, "{scheduler}");
        }
    }

    #[test]
    fn a_full_destination_of_lblc_gets_more_clients() {
        let of_full = |scheduler: &str| {
            let service = web(|it| it.scheduler(scheduler.parse().unwrap()));
            of(service, [full(7), full(8)])
        };
        assert_eq!(of_full("lblc"), NewClients::Served);
        assert!(matches!(of_full("lblcr"), NewClients::Refused(_)));
    }

    #[test]
    fn a_hashing_scheduler_refuses_the_share_of_drained_and_full_destinations() {
        let shares = vec![
            (server(7, 0).destination.id, Unavailable::ZeroWeight),
            (full(8).destination.id, Unavailable::Full),
        ];
        for (hashing, remedy) in [
            (web(|it| it.hashed(Hashing::source())), true),
            (web(|it| it.hashed(Hashing::maglev().with_port())), true),
            (
                web(|it| it.scheduler(Scheduler::DESTINATION_HASHING)),
                false,
            ),
        ] {
            let expected = NewClients::ShareRefused {
                unavailable: shares.clone(),
                remedy: remedy.then_some(SchedulerFlags::FALLBACK),
            };
            let servers = [server(7, 0), full(8), server(9, 1)];
            assert_eq!(of(hashing, servers), expected);
        }
        let falls_back = web(|it| it.hashed(Hashing::source().with_fallback()));
        let servers = [server(7, 0), server(9, 1)];
        assert_eq!(of(falls_back, servers), NewClients::Served);
    }

    #[test]
    fn each_reason_why_nobody_can_be_chosen_has_its_words() {
        let said = |service, clients: NewClients| match clients {
            NewClients::Refused(reason) => reason.to_string(),
            other => panic!("{service}: {other:?}"),
        };
        let rr = || web(|it| it.scheduler(Scheduler::ROUND_ROBIN));
        let none = web(|it| it.scheduler(Scheduler::NONE));
        assert_eq!(
            said("none", of(none, [server(7, 1)])),
            "it has no scheduler"
        );
        assert_eq!(said("rr", of(rr(), [])), "it has no destination");
        assert_eq!(
            said("rr", of(rr(), [server(7, 0), server(8, 0)])),
            "all its destinations have weight 0"
        );
        assert_eq!(
            said("rr", of(rr(), [full(7)])),
            "all its destinations are at their upper threshold"
        );
        assert_eq!(
            said("rr", of(rr(), [full(7), server(8, 0)])),
            "all its destinations have weight 0 or are full"
        );
        let mut busy = server(7, 2);
        busy.active_connections = 3;
        let ovf = web(|it| it.scheduler(Scheduler::WEIGHTED_OVERFLOW));
        assert_eq!(
            said("ovf", of(ovf.clone(), [busy])),
            "all its destinations have more active connections than their weight"
        );
        assert_eq!(of(ovf, [busy, server(8, 1)]), NewClients::Served);
        assert_eq!(of(rr(), [busy]), NewClients::Served);
    }

    #[test]
    fn cache_bypass_serves_marks_only() {
        let bypassed = |service| {
            let service = ServiceStatus::new(service, Stats::default());
            VirtualServerStatus::new(service, []).new_clients(CacheBypass::On)
        };
        let mark = Service::fwmark(NonZeroU32::MIN, Family::Ipv4);
        let empty = NoneAvailable::NoDestination;
        assert_eq!(bypassed(mark), NewClients::Bypassed(empty.clone()));
        assert_eq!(bypassed(web(|it| it)), NewClients::Refused(empty));
    }
}
