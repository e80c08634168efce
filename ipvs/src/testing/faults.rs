//! What a test does to the kernel.

use ipvs_sys::{Command, Errno};

use super::kernel::FakeKernel;
use super::state::{FIRST_FAMILY, Fault};
use crate::Scheduler;

impl FakeKernel {
    /// Refuses the next such request with this errno, and does not carry it out. Asked for twice, it
    /// refuses two.
    ///
    /// `errno` is a number as [`Error::raw_os_error`](crate::Error::raw_os_error) gives it.
    pub fn refuse_next(&self, command: Command, errno: i32) {
        let refusal = Fault::Refuse(Errno::from_raw(errno));
        self.state().faults.push((command, refusal));
    }

    /// Carries the next such request out and does not answer it, as a kernel may do when a sync
    /// daemon is stopped, nor what is behind it in the same send: the client runs out of patience, at
    /// once.
    pub fn silence_next(&self, command: Command) {
        self.state().faults.push((command, Fault::Silence));
    }

    /// Takes the privilege away: every request is refused from now on, reading too.
    pub fn revoke_privilege(&self) {
        self.state().privileged = false;
    }

    /// Gives the privilege back.
    pub fn grant_privilege(&self) {
        self.state().privileged = true;
    }

    /// Unloads `ip_vs` with the whole table, and keeps it from being loaded.
    pub fn unload(&self) {
        let mut state = self.state();
        state.loaded = false;
        state.forget();
    }

    /// Loads `ip_vs` again. The family has another number then, which clients must find out.
    pub fn load(&self) {
        let mut state = self.state();
        if !state.loaded {
            state.loaded = true;
            state.family = state.family.wrapping_add(1).max(FIRST_FAMILY);
        }
    }

    /// Makes it a kernel without IPv6.
    pub fn disable_ipv6(&self) {
        self.state().ipv6 = false;
    }

    /// Makes a scheduler known, as if its module were there.
    pub fn add_scheduler(&self, scheduler: &Scheduler) {
        let name = scheduler.name().to_owned();
        self.state().schedulers.insert(name);
    }

    /// Makes a scheduler unknown. Services that have it keep it.
    pub fn remove_scheduler(&self, scheduler: &Scheduler) {
        self.state().schedulers.remove(scheduler.name());
    }

    /// Adds a network device, for sync daemons.
    pub fn add_interface(&self, name: &str) {
        self.state().interfaces.insert(name.to_owned());
    }

    /// Removes a network device. Sync daemons that run on it run on, as they do in a kernel.
    pub fn remove_interface(&self, name: &str) {
        self.state().interfaces.remove(name);
    }
}
