use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::model::flags::flags;

/// The longest name that the kernel accepts, in bytes.
const LONGEST: usize = 15;

/// A scheduler: how the kernel chooses a destination for a new connection. Its name is that of a kernel
/// module `ip_vs_<name>`, which the kernel loads when a service first uses it.
///
/// The schedulers of today's kernels have constants. [`FromStr`] accepts any name, so a scheduler of a
/// newer kernel does not need a newer library. The default is `wlc`, as in `ipvsadm`.
///
/// # Examples
/// ```
/// use ipvs::Scheduler;
///
/// assert_eq!("rr".parse(), Ok(Scheduler::ROUND_ROBIN));
/// assert!("a-name-that-is-too-long".parse::<Scheduler>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scheduler(Cow<'static, str>);

impl Scheduler {
    /// `rr`: round robin. The weight only tells whether a destination takes part.
    pub const ROUND_ROBIN: Self = Self::known("rr");
    /// `wrr`: round robin in proportion to the weights.
    pub const WEIGHTED_ROUND_ROBIN: Self = Self::known("wrr");
    /// `lc`: the destination with the fewest connections.
    pub const LEAST_CONNECTION: Self = Self::known("lc");
    /// `wlc`: the destination with the fewest connections in proportion to its weight.
    pub const WEIGHTED_LEAST_CONNECTION: Self = Self::known("wlc");
    /// `lblc`: the same destination for the same target address, for caches.
    pub const LOCALITY_BASED_LEAST_CONNECTION: Self = Self::known("lblc");
    /// `lblcr`: like `lblc`, with a set of destinations for each target address.
    pub const LOCALITY_BASED_LEAST_CONNECTION_WITH_REPLICATION: Self = Self::known("lblcr");
    /// `dh`: by a hash of the target address.
    pub const DESTINATION_HASHING: Self = Self::known("dh");
    /// `sh`: by a hash of the client's address.
    pub const SOURCE_HASHING: Self = Self::known("sh");
    /// `sed`: shortest expected delay.
    pub const SHORTEST_EXPECTED_DELAY: Self = Self::known("sed");
    /// `nq`: an idle destination if there is one, otherwise as `sed`.
    pub const NEVER_QUEUE: Self = Self::known("nq");
    /// `fo`: failover. The available destination with the highest weight gets all connections. Since Linux
    /// 3.18.
    pub const WEIGHTED_FAILOVER: Self = Self::known("fo");
    /// `ovf`: overflow. The destination with the highest weight gets connections until it has as many as
    /// its weight, then the next one. Since Linux 4.3.
    pub const WEIGHTED_OVERFLOW: Self = Self::known("ovf");
    /// `mh`: Maglev hashing of the client's address, for at most 4093 destinations. Since Linux 4.18.
    pub const MAGLEV_HASHING: Self = Self::known("mh");
    /// `twos`: the less loaded of two destinations that are chosen at random by weight. Since Linux 5.12;
    /// many kernels are built without it.
    pub const POWER_OF_TWO: Self = Self::known("twos");
    /// `none`: no scheduler. The service accepts no new connections. Since Linux 4.3.
    pub const NONE: Self = Self::known("none");

    /// The schedulers with constants.
    const KNOWN: [Self; 15] = [
        Self::ROUND_ROBIN,
        Self::WEIGHTED_ROUND_ROBIN,
        Self::LEAST_CONNECTION,
        Self::WEIGHTED_LEAST_CONNECTION,
        Self::LOCALITY_BASED_LEAST_CONNECTION,
        Self::LOCALITY_BASED_LEAST_CONNECTION_WITH_REPLICATION,
        Self::DESTINATION_HASHING,
        Self::SOURCE_HASHING,
        Self::SHORTEST_EXPECTED_DELAY,
        Self::NEVER_QUEUE,
        Self::WEIGHTED_FAILOVER,
        Self::WEIGHTED_OVERFLOW,
        Self::MAGLEV_HASHING,
        Self::POWER_OF_TWO,
        Self::NONE,
    ];

    const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The kernel's name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Creates it from a name read from the kernel, without checking the name. A known name needs no
    /// allocation.
    pub(crate) fn from_kernel(name: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.name() == name);
        known.unwrap_or_else(|| Self(Cow::Owned(name.to_owned())))
    }
}

impl Default for Scheduler {
    fn default() -> Self {
        Self::WEIGHTED_LEAST_CONNECTION
    }
}

impl FromStr for Scheduler {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, ParseError> {
        if name.is_empty()
            || name.len() > LONGEST
            || !name.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ParseError::SchedulerName(name.to_owned()));
        }
        Ok(Self(Cow::Owned(name.to_owned())))
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

flags! {
    /// The flags of a scheduler: three bits whose meaning depends on the scheduler. Since Linux 3.11.
    ///
    /// `sh` and `mh` use two of them ([`FALLBACK`](Self::FALLBACK) and [`PORT`](Self::PORT)). The other
    /// schedulers ignore them.
    pub struct SchedulerFlags: u8 {
        /// The first flag.
        const FLAG_1 = 1;
        /// The second flag.
        const FLAG_2 = 1 << 1;
        /// The third flag.
        const FLAG_3 = 1 << 2;
        /// `sh` and `mh`: use another destination if the hashed one is unavailable.
        const FALLBACK = Self::FLAG_1.0;
        /// `sh` and `mh`: include the client's port in the hash.
        const PORT = Self::FLAG_2.0;
    }
}

impl SchedulerFlags {
    /// The flags with a name of their own for each scheduler, and the names of all others.
    const NAMES: [(Option<Scheduler>, &str, Self); 7] = [
        (
            Some(Scheduler::SOURCE_HASHING),
            "sh-fallback",
            Self::FALLBACK,
        ),
        (Some(Scheduler::SOURCE_HASHING), "sh-port", Self::PORT),
        (
            Some(Scheduler::MAGLEV_HASHING),
            "mh-fallback",
            Self::FALLBACK,
        ),
        (Some(Scheduler::MAGLEV_HASHING), "mh-port", Self::PORT),
        (None, "flag-1", Self::FLAG_1),
        (None, "flag-2", Self::FLAG_2),
        (None, "flag-3", Self::FLAG_3),
    ];

    /// Returns the names of the flags for a scheduler: `sh-fallback`, `mh-port`, `flag-3`.
    pub fn names(self, scheduler: &Scheduler) -> Vec<&'static str> {
        let mut unnamed = self;
        let mut names = Vec::new();
        for (owner, name, flag) in Self::NAMES {
            if owner.is_none_or(|owner| owner == *scheduler) && unnamed.contains(flag) {
                names.push(name);
                unnamed = unnamed - flag;
            }
        }
        names
    }

    #[cfg(feature = "serde")]
    pub(crate) fn owned_names(self, scheduler: &Scheduler) -> Vec<String> {
        let names = self.names(scheduler).into_iter();
        names.map(str::to_owned).collect()
    }

    /// Returns the flags with these names for a scheduler.
    ///
    /// # Errors
    /// [`ParseError::SchedulerFlag`]: the scheduler has no flag with one of the names.
    pub fn from_names<S: AsRef<str>>(
        names: &[S],
        scheduler: &Scheduler,
    ) -> Result<Self, ParseError> {
        names
            .iter()
            .map(|name| Self::named(name.as_ref(), scheduler))
            .collect()
    }

    /// Returns the flag with this name for a scheduler.
    pub fn named(name: &str, scheduler: &Scheduler) -> Result<Self, ParseError> {
        Self::NAMES
            .into_iter()
            .find(|(owner, known, _)| {
                *known == name && owner.as_ref().is_none_or(|owner| owner == scheduler)
            })
            .map(|(.., flag)| flag)
            .ok_or_else(|| ParseError::SchedulerFlag {
                name: name.to_owned(),
                scheduler: scheduler.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_by_the_name_that_its_scheduler_gives_it() {
        let all = SchedulerFlags::all();
        assert_eq!(
            all.names(&Scheduler::MAGLEV_HASHING),
            ["mh-fallback", "mh-port", "flag-3"]
        );
        assert_eq!(
            all.names(&Scheduler::ROUND_ROBIN),
            ["flag-1", "flag-2", "flag-3"]
        );
        for scheduler in [Scheduler::MAGLEV_HASHING, Scheduler::ROUND_ROBIN] {
            let flags = all.names(&scheduler).into_iter();
            let named = flags.map(|name| SchedulerFlags::named(name, &scheduler).unwrap());
            assert_eq!(named.collect::<SchedulerFlags>(), all);
        }
    }

    #[test]
    fn the_name_of_another_schedulers_flag_is_refused() {
        let error = SchedulerFlags::named("sh-port", &Scheduler::MAGLEV_HASHING).unwrap_err();
        assert_eq!(
            error.to_string(),
            "scheduler mh has no flag \"sh-port\": mh-fallback, mh-port, flag-1, flag-2 or flag-3"
        );
    }
}
