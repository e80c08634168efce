//! Which of the machine's CPUs a guest runs on.

use std::sync::OnceLock;

use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu};
use nix::unistd::Pid;

/// How many of the machine's CPUs a kernel may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cpus {
    All,
    /// User Mode Linux runs one process at a time: the kernel, or a process that the kernel lets run.
    /// Each system call switches between the two, and costs a third if no switch wakes another CPU.
    One,
}

/// Which one of several guests it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nth(pub usize);

/// The CPU of a guest, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    On(usize),
}

impl Nth {
    /// The only guest, or the first.
    pub const FIRST: Self = Self(0);
}

impl Cpus {
    /// Where a guest is to run: each one on a CPU of its own, as long as there are any.
    pub(super) fn for_guest(self, nth: Nth) -> Place {
        match self {
            Self::All => Place::Anywhere,
            Self::One => on_one_of(&order(), nth),
        }
    }
}

fn on_one_of(order: &[usize], Nth(nth): Nth) -> Place {
    let mut cpus = order.iter().cycle();
    cpus.nth(nth).map_or(Place::Anywhere, |cpu| Place::On(*cpu))
}

/// The CPUs that the lab may use, beginning with the one that it was on when it started the first
/// guest.
fn order() -> Vec<usize> {
    static HERE: OnceLock<usize> = OnceLock::new();
    let here = *HERE.get_or_init(|| sched_getcpu().unwrap_or_default());
    let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
    let is_allowed = |cpu: &usize| allowed.is_set(*cpu).unwrap_or_default();
    let mut cpus: Vec<_> = (0..CpuSet::count()).filter(is_allowed).collect();
    let before = cpus.iter().filter(|cpu| **cpu < here).count();
    cpus.rotate_left(before);
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_share_a_cpu_only_if_there_are_too_few() {
        assert_eq!(on_one_of(&[1, 0], Nth::FIRST), Place::On(1));
        assert_eq!(on_one_of(&[1, 0], Nth(1)), Place::On(0));
        assert_eq!(on_one_of(&[3], Nth(1)), Place::On(3));
        assert_eq!(on_one_of(&[], Nth(1)), Place::Anywhere);
    }

    #[test]
    fn this_machine_has_a_cpu() {
        assert!(!order().is_empty());
    }
}
