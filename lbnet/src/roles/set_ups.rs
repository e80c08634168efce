//! Reads the set-ups of a host from its journal, and changes several of them at once.

use std::{collections::HashSet, net::IpAddr};

use crate::{
    ConfTarget, Decapsulation, DeviceName, Director, Error, Host, HostRouteKind, Ipv4Conf,
    Ipv4Setting, Ipv6Conf, Locked, NewLinkKind, Placement, RealServer, Released, Report, Role,
    ServerPlacement, SetUp, SetUpId, Sysctl, Tunnel, TunnelKind, TunnelLink, VsSetting,
    changes::{
        announcing::Due,
        down,
        journal::{Change, Entry, Journal, Noted},
        wanted::Presence,
    },
};

impl Locked<'_> {
    /// Sets the host up, like [`Director::up`] and [`RealServer::up`].
    ///
    /// If it fails, the changes for this set-up are rolled back, and earlier set-ups stay.
    ///
    /// If [`Prepared::lock`](crate::Prepared::lock) has not asked the network for a new VIP, this call
    /// asks, and keeps the lock while it waits.
    ///
    /// # Errors
    /// The errors of [`Director::up`] and [`RealServer::up`].
    pub async fn up(&mut self, set_up: &SetUp) -> Result<(), Error> {
        self.let_others_in().await?;
        match set_up {
            SetUp::Director(director) => director.up_in(self).await,
            SetUp::RealServer(server) => server.up_in(self).await,
        }
    }

    /// Takes a set-up down, like [`Director::down`] and [`RealServer::down`].
    ///
    /// # Errors
    /// The errors of [`Director::down`]. What could not be undone stays in the journal.
    pub async fn down(&mut self, set_up: &SetUp) -> Result<(), Error> {
        self.undo(&set_up.id()).await?;
        self.mention(&match set_up {
            SetUp::Director(director) => {
                let here = director.clone().on_current_names(self.host).await?;
                here.addresses()
            }
            SetUp::RealServer(server) => {
                vec![server.clone().on_current_names(self.host).await?.address()]
            }
        })
        .await
    }
}

impl Locked<'_> {
    /// Returns the set-ups of the host.
    pub(super) fn set_ups(&self) -> Vec<SetUp> {
        set_ups_of(self.journal.noted())
    }
}

impl Host {
    /// Makes these the only set-ups of the host: sets all of them up, and takes down all others.
    ///
    /// It first asks the network for all new VIPs in one wait: if another host has one of them,
    /// nothing is changed. Then it takes the lock once. It takes down the set-ups that are no longer wanted, so that a
    /// VIP can move to another device. It announces all new VIPs at the same time, after it has
    /// released the lock. It only takes down set-ups that this crate's journal records.
    ///
    /// # Errors
    /// The errors of [`Director::up`] and [`RealServer::up`]. The first set-up that fails is rolled
    /// back, and the call ends. What was done before it stays and is announced. To get a report of
    /// that too, use [`Host::lock`].
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(host: lbnet::Host) -> Result<(), lbnet::Error> {
    /// let vip = |ip: &str| -> Result<_, lbnet::Invalid> {
    ///     Ok(lbnet::Director::new(ip.parse()?, "eth0".parse()?))
    /// };
    /// let directors = [vip("192.0.2.100/24")?, vip("192.0.2.101/24")?];
    /// print!("{}", host.reconcile(&directors, &[]).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn reconcile(
        &self,
        directors: &[Director],
        real_servers: &[RealServer],
    ) -> Result<Report, Error> {
        let directors = directors.iter().cloned().map(SetUp::from);
        let real_servers = real_servers.iter().cloned().map(SetUp::from);
        let wanted: Vec<_> = directors.chain(real_servers).collect();
        let mut locked = self.prepare(&wanted).await?.lock().await?;
        let outcome = make_exactly(&mut locked, &wanted).await;
        let report = locked.release().await;
        outcome.and(report)
    }

    /// Sends the announcements that the journal notes as due, as often as wanted.
    ///
    /// Announcements are due if [`Released`](crate::Released) was dropped or a process was killed
    /// before all of them were sent. The report has one step for each announced VIP. Other programs
    /// may change the host meanwhile.
    ///
    /// # Errors
    /// - [`Error::Kernel`]: an announcement failed. It stays due.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_RAW`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be used.
    pub async fn announce_due(&self) -> Result<Report, Error> {
        let noted = Journal::peek(self)?;
        let mut due: Vec<_> = noted
            .set_ups
            .iter()
            .filter_map(|set_up| due(&noted, set_up))
            .collect();
        if !due.is_empty() {
            let present = Presence::on(self).await?;
            due.retain(|due| present.has(due.wanted.vip));
        }
        Released::begin(self, Report::default(), due)
            .await?
            .finish()
            .await
    }

    /// Returns the ids of the set-ups of this host, in the order in which they were made.
    ///
    /// Needs no privilege.
    ///
    /// # Errors
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be read.
    pub fn set_up_ids(&self) -> Result<Vec<SetUpId>, Error> {
        Ok(ids_of(&Journal::peek(self)?))
    }

    /// Takes a set-up down, like [`Director::down`] and [`RealServer::down`].
    ///
    /// # Errors
    /// The errors of [`Director::down`].
    pub async fn undo(&self, set_up: &SetUpId) -> Result<Report, Error> {
        down::down(self, set_up.clone(), &[]).await
    }

    /// Returns the set-ups of this host, in the order in which they were made. They compare equal
    /// to the values for which [`Director::up`] and [`RealServer::up`] were called, except for
    /// [`Director::claim`], and with the current names of devices in place of alternative names.
    ///
    /// Needs no privilege. Earlier versions of this crate recorded only changes. From such a
    /// journal, the set-ups are derived, without options that required no change.
    ///
    /// # Errors
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be read.
    pub fn set_ups(&self) -> Result<Vec<SetUp>, Error> {
        Ok(set_ups_of(&Journal::peek(self)?))
    }
}

fn due(noted: &Noted, set_up: &SetUp) -> Option<Due> {
    let SetUp::Director(director) = set_up else {
        return None;
    };
    let id = set_up.id();
    Some(Due {
        progress: noted.announcement_due(&id)?,
        wanted: director.wanted_announcement()?,
        id,
    })
}

async fn make_exactly(locked: &mut Locked<'_>, wanted: &[SetUp]) -> Result<(), Error> {
    let mut ids = Vec::new();
    for set_up in wanted {
        let set_up = set_up.clone().on_current_names(locked.host).await?;
        ids.push(set_up.id());
    }
    let mut gone = locked.host.set_up_ids()?;
    gone.retain(|id| !ids.contains(id));
    // What cannot be undone completely keeps nothing else from being done.
    let mut undone = Ok(());
    for id in gone.iter().rev() {
        match locked.undo(id).await {
            Err(error @ Error::UndoneInPart { .. }) => undone = undone.and(Err(error)),
            other => other?,
        }
    }
    for set_up in wanted {
        locked.up(set_up).await?;
    }
    undone
}

/// Returns the recorded set-ups. In an older journal, they are derived from the changes.
fn set_ups_of(noted: &Noted) -> Vec<SetUp> {
    let recorded = noted.set_ups.iter().cloned();
    let older = ids_of(noted).into_iter().skip(noted.set_ups.len());
    let guessed = older.filter_map(|id| guessed(&id, &noted.entries));
    recorded.chain(guessed).collect()
}

/// Returns each id once. The ids come from the recorded set-ups, then in an older journal from the
/// users of changes.
fn ids_of(noted: &Noted) -> Vec<SetUpId> {
    let mut ids: Vec<_> = noted.set_ups.iter().map(SetUp::id).collect();
    let mut seen: HashSet<_> = ids.iter().cloned().collect();
    for user in noted.entries.iter().flat_map(|entry| &entry.users) {
        if seen.insert(user.clone()) {
            ids.push(user.clone());
        }
    }
    ids
}

/// Derives a set-up from its changes, for a journal that does not record the set-up itself.
fn guessed(id: &SetUpId, entries: &[Entry]) -> Option<SetUp> {
    let needed = entries.iter().filter(|entry| entry.users.contains(id));
    let changes: Vec<_> = needed.map(|entry| &entry.change).collect();
    SetUp::of(id, &changes)
}

impl SetUp {
    fn of(set_up: &SetUpId, changes: &[&Change]) -> Option<Self> {
        let carrying = carrying(set_up.vip, changes)?;
        Some(match set_up.role {
            Role::Director => Self::Director(director(set_up, carrying, changes)),
            Role::RealServer => {
                let server = RealServer::new(set_up.vip, set_up.device.clone());
                let server = match carrying {
                    Change::Address(address) if address.device == set_up.device => {
                        server.placement(ServerPlacement::Device)
                    }
                    _ => server,
                };
                Self::RealServer(match tunnel(changes) {
                    Some(tunnel) => server.tunnel(tunnel),
                    None => server,
                })
            }
        })
    }
}

/// Returns the change that added the VIP to the host.
fn carrying<'a>(vip: IpAddr, changes: &[&'a Change]) -> Option<&'a Change> {
    let carries = |change: &&Change| match change {
        Change::Address(address) => address.prefix.address() == vip,
        Change::Route(route) => route.destination == vip && route.kind == HostRouteKind::Local,
        _ => false,
    };
    changes.iter().copied().find(carries)
}

fn director(set_up: &SetUpId, carrying: &Change, changes: &[&Change]) -> Director {
    let alone = crate::IpPrefix::host(set_up.vip);
    let on_device = |prefix| Director::new(prefix, set_up.device.clone());
    let mut director = match carrying {
        Change::Address(address) if address.device == set_up.device => {
            let director = on_device(address.prefix);
            match &address.label {
                Some(label) => director.label(label),
                None => director,
            }
        }
        Change::Address(address) if address.device == DeviceName::loopback() => {
            on_device(address.prefix).placement(Placement::Loopback)
        }
        Change::Address(address) => {
            on_device(address.prefix).placement(Placement::Dummy(address.device.clone()))
        }
        _ => on_device(alone).placement(Placement::Route),
    };
    for change in changes {
        let Change::Sysctl(change) = change else {
            continue;
        };
        director = match &change.key {
            Sysctl::Ipv4(Ipv4Setting::IpForward)
            | Sysctl::Ipv6Conf {
                key: Ipv6Conf::Forwarding,
                ..
            } => director.masquerade(),
            Sysctl::Ipv4Conf {
                target: ConfTarget::Device(device),
                key: Ipv4Conf::AcceptLocal,
            } => director.gateway_on(device.clone()),
            Sysctl::Vs(VsSetting::Conntrack) => director.track_connections(),
            Sysctl::Vs(VsSetting::ExpireNodestConn) => director.reschedule_clients(),
            _ => director,
        };
    }
    director
}

fn tunnel(changes: &[&Change]) -> Option<Tunnel> {
    let link: TunnelLink = changes.iter().find_map(|change| match change {
        Change::Link(link) => match link.kind {
            NewLinkKind::Tunnel(tunnel) => Some(tunnel),
            NewLinkKind::Dummy => None,
        },
        _ => None,
    })?;
    let port = changes.iter().find_map(|change| match change {
        Change::Listener(listener) => Some(listener.port),
        _ => None,
    });
    let decapsulation = match (link.kind, port) {
        (TunnelKind::Gre | TunnelKind::Ip6gre, _) => Decapsulation::Gre {
            checksum: link.checksum,
        },
        (_, Some(port)) => Decapsulation::Gue { port },
        (_, None) => Decapsulation::Ipip,
    };
    let tunnel = Tunnel::new(decapsulation);
    Some(match link.local {
        Some(local) => tunnel.local(local),
        None => tunnel,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Address, GreChecksum, HostRoute, NewLink, OuterFamily, changes::journal::SysctlChange,
    };

    fn set_up_id(role: Role) -> SetUpId {
        SetUpId {
            role,
            vip: "10.10.10.100".parse().unwrap(),
            device: "eth0".parse().unwrap(),
        }
    }

    fn on(prefix: &str, device: &str) -> Change {
        Change::Address(Address::new(
            prefix.parse().unwrap(),
            device.parse().unwrap(),
        ))
    }

    fn set(key: &str) -> Change {
        Change::Sysctl(SysctlChange {
            key: key.parse().unwrap(),
            before: 0,
            after: 1,
            also: Vec::new(),
        })
    }

    fn set_up(role: Role, changes: &[Change]) -> Option<SetUp> {
        SetUp::of(&set_up_id(role), &changes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_director_is_known_by_where_its_vip_is_and_what_it_passes_on() {
        let new = |prefix: &str| Director::new(prefix.parse().unwrap(), "eth0".parse().unwrap());
        for (changes, expected) in [
            (vec![on("10.10.10.100/24", "eth0")], new("10.10.10.100/24")),
            (
                vec![
                    set("net.ipv4.vs.conntrack"),
                    set("net.ipv4.ip_forward"),
                    on("10.10.10.100/32", "ipvs0"),
                ],
                new("10.10.10.100")
                    .placement(Placement::Dummy("ipvs0".parse().unwrap()))
                    .masquerade()
                    .track_connections(),
            ),
            (
                vec![Change::Route(HostRoute::local(
                    "10.10.10.100".parse().unwrap(),
                ))],
                new("10.10.10.100").placement(Placement::Route),
            ),
        ] {
            let found = set_up(Role::Director, &changes);
            assert_eq!(found, Some(SetUp::Director(expected)));
        }
    }

    #[test]
    fn a_real_server_is_known_by_its_tunnel() {
        let server = || RealServer::new("10.10.10.100".parse().unwrap(), "eth0".parse().unwrap());
        let vip = on("10.10.10.100/32", "lo");
        let found = set_up(Role::RealServer, std::slice::from_ref(&vip));
        assert_eq!(found, Some(SetUp::RealServer(server())));

        let local: IpAddr = "10.10.10.12".parse().unwrap();
        let port = "6080".parse().unwrap();
        let device = |kind| {
            let link = TunnelLink::receiving(kind, local);
            Change::Link(NewLink::tunnel("ipvs-in".parse().unwrap(), link))
        };
        let listener = crate::GueListener::new(port, OuterFamily::Ipv4);
        let gue = [
            device(TunnelKind::Ipip),
            Change::Listener(listener),
            vip.clone(),
        ];
        for (changes, tunnel) in [
            (&gue[..], Tunnel::gue(port)),
            (&[device(TunnelKind::Sit), vip.clone()], Tunnel::ipip()),
            (
                &[device(TunnelKind::Gre), vip.clone()],
                Tunnel::gre(GreChecksum::None),
            ),
        ] {
            let expected = server().tunnel(tunnel.local(local));
            let found = set_up(Role::RealServer, changes);
            assert_eq!(found, Some(SetUp::RealServer(expected)));
        }
    }

    #[test]
    fn a_vip_of_somebody_else_is_no_set_up() {
        assert_eq!(set_up(Role::Director, &[set("net.ipv4.ip_forward")]), None);
    }
}
