//! Devices that were renamed since the journal was written.
//!
//! The kernel keeps addresses, routes and settings of a device that is renamed: they are found under
//! the new name from then on. The journal follows.

use std::collections::HashMap;

use super::{
    device::KnownDevice,
    format::{Change, Noted},
};
use crate::{ConfTarget, DeviceName, Director, Link, Placement, SetUp, SetUpId, Sysctl};

impl Noted {
    /// Records which devices a set-up is about. Returns whether there was anything new.
    pub(crate) fn note_devices(&mut self, set_up: &SetUp, links: &[Link]) -> bool {
        let before = self.devices.clone();
        for name in devices_of(set_up) {
            let Some(link) = links.iter().find(|link| link.name == *name) else {
                continue;
            };
            let now = KnownDevice::of(link);
            match self.devices.iter_mut().find(|it| it.name == *name) {
                Some(known) if known.is(link) => {}
                Some(known) => *known = now,
                None => self.devices.push(now),
            }
        }
        self.devices != before
    }

    /// Forgets the devices that no set-up needs.
    pub(crate) fn forget_unused_devices(&mut self) {
        let set_ups = &self.set_ups;
        let entries = &self.entries;
        self.devices.retain(|known| {
            let is_used = |id: &SetUpId| id.device == known.name;
            set_ups
                .iter()
                .any(|set_up| devices_of(set_up).any(|name| *name == known.name))
                || entries.iter().any(|entry| entry.users.iter().any(is_used))
        });
    }

    /// Takes over the present names of the devices. Returns whether there was a new one.
    pub(crate) fn follow_renames(&mut self, links: &[Link]) -> bool {
        let mut names = HashMap::new();
        for known in &mut self.devices {
            if let Some(link) = links.iter().find(|link| known.is(link)) {
                if link.name != known.name {
                    names.insert(known.name.clone(), link.name.clone());
                    known.was.push(known.name.clone());
                    known.name.clone_from(&link.name);
                }
            }
        }
        if names.is_empty() {
            return false;
        }
        self.rename(&NewNames(names));
        true
    }

    /// Returns the id of a set-up whose device had this name before.
    pub(crate) fn renamed(&self, id: &SetUpId) -> Option<SetUpId> {
        let had = |known: &&KnownDevice| known.was.contains(&id.device);
        let ids = self.devices.iter().filter(had).map(|known| SetUpId {
            device: known.name.clone(),
            ..id.clone()
        });
        ids.into_iter().find(|id| self.knows(id))
    }

    fn rename(&mut self, names: &NewNames) {
        for set_up in &mut self.set_ups {
            match set_up {
                SetUp::Director(director) => names.in_director(director),
                SetUp::RealServer(server) => names.give(&mut server.device),
            }
        }
        let users = self.entries.iter_mut().flat_map(|entry| &mut entry.users);
        for id in users
            .chain(&mut self.unannounced)
            .chain(&mut self.repeating)
        {
            names.give(&mut id.device);
        }
        for entry in &mut self.entries {
            match &mut entry.change {
                Change::Address(address) => {
                    names.in_label(address.label.as_mut(), &address.device);
                    names.give(&mut address.device);
                }
                Change::Link(link) => names.give(&mut link.name),
                Change::Listener(_) => {}
                Change::Route(route) => names.give(&mut route.device),
                Change::Sysctl(change) => {
                    names.in_key(&mut change.key);
                    for effect in &mut change.also {
                        names.in_key(&mut effect.key);
                    }
                }
            }
        }
    }
}

fn devices_of(set_up: &SetUp) -> impl Iterator<Item = &DeviceName> {
    let (device, gateway) = match set_up {
        SetUp::Director(director) => (&director.device, director.gateway.as_ref()),
        SetUp::RealServer(server) => (&server.device, None),
    };
    [device].into_iter().chain(gateway)
}

/// The present names by the earlier ones.
struct NewNames(HashMap<DeviceName, DeviceName>);

impl NewNames {
    fn give(&self, name: &mut DeviceName) {
        if let Some(new) = self.0.get(name) {
            name.clone_from(new);
        }
    }

    fn in_director(&self, director: &mut Director) {
        self.in_label(director.label.as_mut(), &director.device);
        self.give(&mut director.device);
        if let Some(gateway) = &mut director.gateway {
            self.give(gateway);
        }
        if let Placement::Dummy(name) = &mut director.placement {
            self.give(name);
        }
    }

    /// The kernel renames the labels of a device too.
    fn in_label(&self, label: Option<&mut String>, device: &DeviceName) {
        if let (Some(label), Some(new)) = (label, self.0.get(device)) {
            if let Some(rest) = label.strip_prefix(device.as_str()) {
                *label = format!("{new}{rest}");
            }
        }
    }

    fn in_key(&self, key: &mut Sysctl) {
        if let Sysctl::Ipv4Conf { target, .. } | Sysctl::Ipv6Conf { target, .. } = key {
            if let ConfTarget::Device(name) = target {
                self.give(name);
            }
        }
    }
}
