//! The tables, and what a notification changes in them.

use std::collections::HashMap;

use rtnetlink::packet_route::{RouteNetlinkMessage, address::AddressMessage, route::RouteMessage};

use crate::{AddressStatus, DeviceName, HostRouteStatus, Link};

/// Reads an address of a device from a message.
type ParseAddress = fn(AddressMessage, DeviceName) -> Option<AddressStatus>;
/// Reads a host route from a message, given the names of the devices.
type ParseRoute = fn(&RouteMessage, &HashMap<u32, DeviceName>) -> Option<HostRouteStatus>;

/// What was read of each table. A table that is not known is read anew.
#[derive(Debug, Default)]
pub(in crate::host) struct Known {
    links: Option<Vec<Link>>,
    /// The names of the links, by their numbers.
    names: HashMap<u32, DeviceName>,
    addresses: Option<(Vec<AddressStatus>, ParseAddress)>,
    host_routes: Option<(Vec<HostRouteStatus>, ParseRoute)>,
}

/// What became of an object that the kernel tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Added,
    Replaced,
}

impl Known {
    pub(super) fn links(&self) -> Option<&[Link]> {
        self.links.as_deref()
    }

    pub(super) fn addresses(&self) -> Option<&[AddressStatus]> {
        self.addresses.as_ref().map(|(all, _)| all.as_slice())
    }

    pub(super) fn host_routes(&self) -> Option<&[HostRouteStatus]> {
        self.host_routes.as_ref().map(|(all, _)| all.as_slice())
    }

    pub(in crate::host) fn keep_links(&mut self, links: Vec<Link>) {
        let names = links.iter().map(|link| (link.index, link.name.clone()));
        self.names = names.collect();
        self.links = Some(links);
    }

    /// Keeps the addresses, and how to read those that the kernel tells of.
    pub(in crate::host) fn keep_addresses(&mut self, all: Vec<AddressStatus>, parse: ParseAddress) {
        self.addresses = Some((all, parse));
    }

    /// Keeps the host routes, and how to read those that the kernel tells of.
    pub(in crate::host) fn keep_host_routes(
        &mut self,
        all: Vec<HostRouteStatus>,
        parse: ParseRoute,
    ) {
        self.host_routes = Some((all, parse));
    }

    pub(super) fn take(&mut self, message: RouteNetlinkMessage, way: Way) {
        match message {
            RouteNetlinkMessage::NewAddress(message) => self.add_address(message),
            RouteNetlinkMessage::DelAddress(message) => self.delete_address(message),
            RouteNetlinkMessage::NewRoute(message) => self.add_route(&message, way),
            RouteNetlinkMessage::DelRoute(message) => self.delete_route(&message),
            // With a device, names, addresses and routes change.
            _ => *self = Self::default(),
        }
    }

    fn add_address(&mut self, message: AddressMessage) {
        let Some((all, parse)) = &mut self.addresses else {
            return;
        };
        let device = self.names.get(&message.header.index).cloned();
        let Some(added) = device.and_then(|device| parse(message, device)) else {
            self.addresses = None;
            return;
        };
        let same = |it: &&mut AddressStatus| it.address.is_same_entry(&added.address);
        match all.iter_mut().find(same) {
            Some(there) => *there = added,
            None => all.push(added),
        }
    }

    fn delete_address(&mut self, message: AddressMessage) {
        // The kernel does not tell of the routes that go with their preferred source.
        self.host_routes = None;
        let Some((all, parse)) = &mut self.addresses else {
            return;
        };
        let device = self.names.get(&message.header.index).cloned();
        match device.and_then(|device| parse(message, device)) {
            Some(gone) => all.retain(|it| !it.address.is_same_entry(&gone.address)),
            None => self.addresses = None,
        }
    }

    fn add_route(&mut self, message: &RouteMessage, way: Way) {
        match (&mut self.host_routes, way) {
            (Some((all, parse)), Way::Added) => all.extend(parse(message, &self.names)),
            (all, _) => *all = None,
        }
    }

    fn delete_route(&mut self, message: &RouteMessage) {
        if let Some((all, parse)) = &mut self.host_routes {
            let gone = parse(message, &self.names);
            let at = all.iter().position(|it| Some(it) == gone.as_ref());
            if let Some(at) = at {
                all.remove(at);
            }
        }
    }
}
