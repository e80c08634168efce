use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// The longest name that the kernel takes, in bytes.
const LONGEST: usize = 15;

/// How a service chooses a destination for a new connection: the name of a kernel module
/// `ip_vs_<name>`, which the kernel loads when a service first asks for it.
///
/// Any name can be asked for ([`FromStr`]), so that a scheduler of a newer kernel needs no newer
/// library; those that exist today have constants. The default is the incumbent's, `wlc`.
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
    /// `rr`: one after the other. A weight only says whether a destination takes part.
    pub const ROUND_ROBIN: Self = Self::known("rr");
    /// `wrr`: one after the other, in proportion to the weights.
    pub const WEIGHTED_ROUND_ROBIN: Self = Self::known("wrr");
    /// `lc`: fewest connections.
    pub const LEAST_CONNECTION: Self = Self::known("lc");
    /// `wlc`: fewest connections in proportion to the weight.
    pub const WEIGHTED_LEAST_CONNECTION: Self = Self::known("wlc");
    /// `lblc`: the same destination for the same destination address, for caches.
    pub const LOCALITY_BASED_LEAST_CONNECTION: Self = Self::known("lblc");
    /// `lblcr`: like `lblc`, with a set of destinations for each address.
    pub const LOCALITY_BASED_LEAST_CONNECTION_WITH_REPLICATION: Self = Self::known("lblcr");
    /// `dh`: by hash of the destination address.
    pub const DESTINATION_HASHING: Self = Self::known("dh");
    /// `sh`: by hash of the client's address.
    pub const SOURCE_HASHING: Self = Self::known("sh");
    /// `sed`: shortest expected delay.
    pub const SHORTEST_EXPECTED_DELAY: Self = Self::known("sed");
    /// `nq`: an idle destination if there is one, else `sed`.
    pub const NEVER_QUEUE: Self = Self::known("nq");
    /// `fo`: the highest weight that is available; the others stand by. Since Linux 3.18.
    pub const WEIGHTED_FAILOVER: Self = Self::known("fo");
    /// `ovf`: the highest weight until it has as many connections, then the next. Since Linux 4.3.
    pub const WEIGHTED_OVERFLOW: Self = Self::known("ovf");
    /// `mh`: Maglev hashing of the client's address, at most 4093 destinations. Since Linux 4.18.
    pub const MAGLEV_HASHING: Self = Self::known("mh");
    /// `twos`: the better of two picked at random by weight. Since Linux 5.12; often not built.
    pub const POWER_OF_TWO: Self = Self::known("twos");
    /// `none`: no scheduler; the service takes no new connections. Since Linux 4.3.
    pub const NONE: Self = Self::known("none");

    /// Those that have constants.
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

    /// A name that came from the kernel, which is not checked again. A known one needs no memory.
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

bitflags::bitflags! {
    /// Settings of a scheduler: three bits that mean something else to each. Since Linux 3.11.
    ///
    /// `sh` and `mh` use two of them ([`FALLBACK`](Self::FALLBACK), [`PORT`](Self::PORT)); the
    /// others ignore them.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct SchedulerFlags: u8 {
        /// The first flag.
        const FLAG_1 = 1;
        /// The second flag.
        const FLAG_2 = 1 << 1;
        /// The third flag.
        const FLAG_3 = 1 << 2;
        /// `sh` and `mh`: take another destination when the hashed one is unavailable.
        const FALLBACK = Self::FLAG_1.bits();
        /// `sh` and `mh`: hash the client's port too.
        const PORT = Self::FLAG_2.bits();
    }
}

impl SchedulerFlags {
    /// The flags that have a name of their own under a scheduler, and what all others are called.
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

    /// The names of these flags under a scheduler: `sh-fallback`, `mh-port`, `flag-3`.
    pub fn names(self, scheduler: &Scheduler) -> Vec<&'static str> {
        let mut unnamed = self;
        let mut names = Vec::new();
        for (owner, name, flag) in Self::NAMES {
            if owner.is_none_or(|owner| owner == *scheduler) && unnamed.contains(flag) {
                names.push(name);
                unnamed -= flag;
            }
        }
        names
    }

    #[cfg(feature = "serde")]
    pub(crate) fn owned_names(self, scheduler: &Scheduler) -> Vec<String> {
        let names = self.names(scheduler).into_iter();
        names.map(str::to_owned).collect()
    }

    /// The flags that have these names under a scheduler.
    ///
    /// # Errors
    /// [`ParseError::SchedulerFlag`] for the first that is none of its.
    pub fn from_names<S: AsRef<str>>(
        names: &[S],
        scheduler: &Scheduler,
    ) -> Result<Self, ParseError> {
        names
            .iter()
            .map(|name| Self::named(name.as_ref(), scheduler))
            .collect()
    }

    /// The flag that has this name under a scheduler.
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
