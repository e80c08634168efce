//! Faults and changes that a test can inject.

use ipvs_sys::{Command, Errno};

use super::kernel::FakeKernel;
use super::state::{FIRST_FAMILY, Fault};
use crate::Scheduler;

impl FakeKernel {
    /// Refuses the next request with this command, with this errno. Call it twice to refuse two requests.
    ///
    /// `errno` is a number as [`Error::raw_os_error`](crate::Error::raw_os_error) returns it.
    pub fn refuse_next(&self, command: Command, errno: i32) {
        let refusal = Fault::Refuse(Errno::from_raw(errno));
        self.state().faults.push((command, refusal));
    }

    /// Carries out the next request with this command but does not answer it, nor any request after it in
    /// the same send. A real kernel may do this when a sync daemon is stopped. The client times out at once.
    pub fn silence_next(&self, command: Command) {
        self.state().faults.push((command, Fault::Silence));
    }

    /// Revokes the privilege of all clients: every request is refused from now on, including reads.
    pub fn revoke_privilege(&self) {
        self.state().privileged = false;
    }

    /// Restores the privilege of all clients.
    pub fn grant_privilege(&self) {
        self.state().privileged = true;
    }

    /// Unloads `ip_vs` with the whole table, and prevents the kernel from loading it again.
    pub fn unload(&self) {
        let mut state = self.state();
        state.loaded = false;
        state.forget();
    }

    /// Loads `ip_vs` again. The family gets a new id, which clients must look up.
    pub fn load(&self) {
        let mut state = self.state();
        if !state.loaded {
            state.loaded = true;
            state.family = state.family.wrapping_add(1).max(FIRST_FAMILY);
        }
    }

    /// Turns this into a kernel without IPv6.
    pub fn disable_ipv6(&self) {
        self.state().ipv6 = false;
    }

    /// Adds a scheduler, as if its module were available.
    pub fn add_scheduler(&self, scheduler: &Scheduler) {
        let name = scheduler.name().to_owned();
        self.state().schedulers.insert(name);
    }

    /// Removes a scheduler. Services that use it keep it.
    pub fn remove_scheduler(&self, scheduler: &Scheduler) {
        self.state().schedulers.remove(scheduler.name());
    }

    /// Adds a network device, for sync daemons.
    pub fn add_interface(&self, name: &str) {
        self.state().interfaces.insert(name.to_owned());
    }

    /// Removes a network device. Sync daemons on it keep running, as in a real kernel.
    pub fn remove_interface(&self, name: &str) {
        self.state().interfaces.remove(name);
    }
}
