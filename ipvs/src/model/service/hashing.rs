use crate::{Scheduler, SchedulerFlags, Service};

/// A scheduler that hashes the client's address, with the flags that only hashing schedulers have; see
/// [`Service::hashed`]. Flags exist since Linux 3.11, the scheduler `mh` since 4.18.
///
/// # Examples
/// ```
/// use ipvs::{Endpoint, Hashing, Scheduler, Service};
///
/// let dns = Service::udp("192.0.2.10:53".parse::<Endpoint>()?)
///     .hashed(Hashing::maglev().with_port().with_fallback());
/// assert_eq!(dns.scheduler, Scheduler::MAGLEV_HASHING);
/// assert_eq!(dns.hashing(), Some(Hashing::maglev().with_fallback().with_port()));
/// # Ok::<(), ipvs::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hashing {
    by: By,
    flags: SchedulerFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum By {
    Source,
    Maglev,
}

impl Hashing {
    /// Source hashing, `sh`: a table of 256 slots, of which a destination gets as many as its weight.
    pub fn source() -> Self {
        Self::by(By::Source)
    }

    /// Maglev hashing, `mh`: a table of 4093 slots, few of which change when a destination is added or
    /// removed.
    pub fn maglev() -> Self {
        Self::by(By::Maglev)
    }

    fn by(by: By) -> Self {
        Self {
            by,
            flags: SchedulerFlags::empty(),
        }
    }

    /// Uses another destination if the hashed one has weight 0 or is over its upper threshold. Without this,
    /// the kernel refuses such clients.
    #[must_use]
    pub fn with_fallback(mut self) -> Self {
        self.flags |= SchedulerFlags::FALLBACK;
        self
    }

    /// Includes the client's port in the hash, so each connection of a client is scheduled separately.
    #[must_use]
    pub fn with_port(mut self) -> Self {
        self.flags |= SchedulerFlags::PORT;
        self
    }

    fn scheduler(self) -> Scheduler {
        match self.by {
            By::Source => Scheduler::SOURCE_HASHING,
            By::Maglev => Scheduler::MAGLEV_HASHING,
        }
    }
}

impl Service {
    /// Sets a hashing scheduler with its flags.
    #[must_use]
    pub fn hashed(self, hashing: Hashing) -> Self {
        self.scheduler(hashing.scheduler())
            .scheduler_flags(hashing.flags)
    }

    /// Returns the hashing scheduler with its flags. `None` for other schedulers, and for flags without a
    /// meaning.
    pub fn hashing(&self) -> Option<Hashing> {
        [By::Source, By::Maglev]
            .map(|by| Hashing {
                by,
                flags: self.scheduler_flags,
            })
            .into_iter()
            .find(|hashing| {
                hashing.scheduler() == self.scheduler
                    && !hashing.flags.contains(SchedulerFlags::FLAG_3)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Endpoint;

    #[test]
    fn what_was_asked_for_is_found_again() {
        let service = Service::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap());
        for by in [Hashing::source(), Hashing::maglev()] {
            for hashing in [
                by,
                by.with_fallback(),
                by.with_port(),
                by.with_port().with_fallback(),
            ] {
                let service = service.clone().hashed(hashing);
                assert_eq!(service.hashing(), Some(hashing));
            }
        }
        let names = |hashing| {
            let Service {
                scheduler,
                scheduler_flags,
                ..
            } = service.clone().hashed(hashing);
            scheduler_flags.names(&scheduler)
        };
        assert_eq!(names(Hashing::source().with_port()), ["sh-port"]);
        assert_eq!(names(Hashing::maglev().with_fallback()), ["mh-fallback"]);
    }

    #[test]
    fn other_schedulers_and_unknown_flags_do_not_hash() {
        let service = Service::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap());
        assert_eq!(service.hashing(), None);
        let odd = service.hashed(Hashing::source());
        let odd = odd.scheduler_flags(SchedulerFlags::FLAG_3);
        assert_eq!(odd.hashing(), None);
    }
}
