//! Devices under the names that the kernel has for them, where they were given by alternative names.

use crate::{DeviceName, Director, Link, Placement, RealServer, SetUp};

/// Set-ups with such names: everything else that the kernel tells has no others.
pub(super) fn current(set_ups: Vec<SetUp>, links: &[Link]) -> Vec<SetUp> {
    let set_ups = set_ups.into_iter().map(|set_up| match set_up {
        SetUp::Director(director) => SetUp::Director(of_director(director, links)),
        SetUp::RealServer(server) => SetUp::RealServer(RealServer {
            device: of_device(&server.device, links),
            ..server
        }),
    });
    set_ups.collect()
}

pub(super) fn of_director(director: Director, links: &[Link]) -> Director {
    Director {
        device: of_device(&director.device, links),
        gateway: director.gateway.map(|it| of_device(&it, links)),
        placement: match director.placement {
            Placement::Dummy(name) => Placement::Dummy(of_device(&name, links)),
            other => other,
        },
        ..director
    }
}

/// A device that does not exist keeps the name that it was given.
pub(super) fn of_device(device: &DeviceName, links: &[Link]) -> DeviceName {
    let link = links.iter().find(|link| link.is_named(device));
    link.map_or(device, |link| &link.name).clone()
}
