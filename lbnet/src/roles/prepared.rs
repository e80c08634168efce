//! Asks the network about new VIPs before the lock is taken.

use std::{net::IpAddr, time::Duration};

use crate::{
    DeviceName, Error, Host, Locked, SetUp,
    changes::{
        privilege::require_net_admin,
        wanted::{Presence, Question, ask},
    },
};

/// Set-ups that are about to be made on a host. [`Host::prepare`] returns it.
///
/// While the network is asked, other programs may change the host: the lock is taken afterwards.
///
/// # Examples
/// ```no_run
/// # async fn example(
/// #     host: lbnet::Host,
/// #     set_ups: Vec<lbnet::SetUp>,
/// # ) -> Result<(), lbnet::Error> {
/// let prepared = host.prepare(&set_ups).await?;
/// for (vip, device) in prepared.questions() {
///     eprintln!("asking on {device} who has {vip}");
/// }
/// let mut locked = prepared.lock().await?;
/// for set_up in &set_ups {
///     locked.up(set_up).await?;
/// }
/// locked.release().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Prepared<'host> {
    host: &'host Host,
    action: String,
    questions: Vec<Question>,
}

impl Host {
    /// Finds out which VIPs of these set-ups the network has to be asked for: those of directors
    /// that this host does not have yet, except for [`Director::claim`](crate::Director::claim) and
    /// [`Director::unannounced`](crate::Director::unannounced).
    ///
    /// Nothing is asked or changed yet. [`Prepared::lock`] asks for all of them in one wait, then
    /// takes the lock. After [`Host::lock`], [`Locked::up`] asks for each VIP in turn while it keeps
    /// the lock.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    pub async fn prepare(&self, set_ups: &[SetUp]) -> Result<Prepared<'_>, Error> {
        let action = "changing the set-ups of this host".to_owned();
        self.prepare_for(action, set_ups).await
    }

    /// Like [`Host::prepare`]. The error about a missing privilege names `action`.
    pub(super) async fn prepare_for(
        &self,
        action: String,
        set_ups: &[SetUp],
    ) -> Result<Prepared<'_>, Error> {
        require_net_admin(action.clone())?;
        let mut questions: Vec<_> = set_ups.iter().filter_map(question).collect();
        if !questions.is_empty() {
            let present = Presence::on(self).await?;
            let links = self.links().await?;
            // `up` refuses a device that is not there, in the order of the set-ups.
            questions.retain_mut(|(vip, device)| {
                let link = links.iter().find(|link| link.is_named(device));
                // From here on, the device has its current name.
                let is_there = link.inspect(|link| device.clone_from(&link.name)).is_some();
                is_there && !present.has(*vip)
            });
        }
        Ok(Prepared {
            host: self,
            action,
            questions,
        })
    }
}

impl<'host> Prepared<'host> {
    /// Returns the VIPs that the network will be asked for, each with its device.
    pub fn questions(&self) -> &[(IpAddr, DeviceName)] {
        &self.questions
    }

    /// Returns how long asking takes at most.
    pub fn longest(&self) -> Duration {
        if self.questions.is_empty() {
            Duration::ZERO
        } else {
            self.host.probe_timing().longest()
        }
    }

    /// Asks the network for all VIPs at the same time, then waits for the lock as [`Host::lock`]
    /// does.
    ///
    /// Nothing is changed during the wait. Dropping the future ends the wait at once.
    ///
    /// # Errors
    /// - [`Conflict::VipInUse`](crate::Conflict::VipInUse): other hosts have some of the VIPs.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_RAW`, which asking needs.
    /// - The errors of [`Host::lock`].
    pub async fn lock(self) -> Result<Locked<'host>, Error> {
        ask(self.host, &self.questions).await?;
        let mut locked = self.host.lock_for(self.action).await?;
        locked.asked = self.questions;
        Ok(locked)
    }
}

/// Returns what to ask the network before a set-up is made. Options that no host could have are
/// refused later.
fn question(set_up: &SetUp) -> Option<Question> {
    match set_up {
        SetUp::Director(director) if director.check_vip().is_ok() => director.question(),
        // A real server shares its VIP with the director.
        SetUp::Director(_) | SetUp::RealServer(_) => None,
    }
}
