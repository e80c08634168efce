//! Which addresses are VIPs for certain, and which remedies are for them alone.

use std::{collections::BTreeSet, net::IpAddr};

use super::{
    asked::{Arrival, Examination},
    balancing::Balancing,
    remedy::Remedy,
};
use crate::SetUp;

/// The addresses of which somebody said that they are VIPs.
#[derive(Debug, Default)]
pub(super) struct Certain {
    vips: BTreeSet<IpAddr>,
}

impl Certain {
    /// By the journal, by IPVS and by the operator.
    pub(super) fn of(
        set_ups: &[SetUp],
        balancing: Option<&Balancing>,
        examination: &Examination,
    ) -> Self {
        let recorded = set_ups.iter().map(|set_up| match set_up {
            SetUp::Director(director) => director.vip().address(),
            SetUp::RealServer(server) => server.vip(),
        });
        let balanced = balancing.into_iter().flat_map(Balancing::vips);
        let named = match &examination.arrival {
            Arrival::Recorded { vips } | Arrival::Tunnel { vips, .. } => vips.as_slice(),
            Arrival::Masqueraded { .. } => &[],
        };
        let named = named.iter().copied();
        Self {
            vips: recorded.chain(balanced).chain(named).collect(),
        }
    }

    pub(super) fn is_vip(&self, address: IpAddr) -> bool {
        self.vips.contains(&address)
    }

    /// Whether a remedy may be given. Those that take an address away from this host, or make it a
    /// director or a real server, are for VIPs alone: taken from a router, its own address costs it
    /// its sessions.
    pub(super) fn permits(&self, remedy: &Remedy) -> bool {
        match remedy {
            Remedy::DeleteAddress(address) | Remedy::DeprecateAddress(address) => {
                self.is_vip(address.prefix.address())
            }
            Remedy::DeleteRoute(route) => self.is_vip(route.destination),
            Remedy::SetUp(SetUp::Director(director)) => self.is_vip(director.vip().address()),
            Remedy::SetUp(SetUp::RealServer(server)) => self.is_vip(server.vip()),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Director, RealServer, node::doctor::testing};

    #[test]
    fn only_addresses_that_somebody_called_a_vip_are_deleted_or_set_up() {
        let named = Examination {
            arrival: Arrival::Recorded {
                vips: vec!["10.10.10.101".parse().unwrap()],
            },
            ..Examination::default()
        };
        let recorded = RealServer::new("10.10.10.102".parse().unwrap(), "eth0".parse().unwrap());
        let balancing = testing::balancing(testing::direct("10.10.10.12"));
        let certain = Certain::of(&[SetUp::RealServer(recorded)], Some(&balancing), &named);
        let permitted = |address: &str| {
            let prefix: crate::IpPrefix = address.parse().unwrap();
            let device: crate::DeviceName = "eth0".parse().unwrap();
            let remedies = [
                Remedy::DeleteAddress(Address::new(prefix, device.clone())),
                Remedy::SetUp(SetUp::Director(Director::new(prefix, device.clone()))),
                Remedy::SetUp(SetUp::RealServer(RealServer::new(prefix.address(), device))),
            ];
            remedies.map(|it| certain.permits(&it))
        };
        for vip in ["10.10.10.100", "10.10.10.101", "10.10.10.102"] {
            assert_eq!(permitted(vip), [true; 3], "{vip}");
        }
        for address in ["192.0.2.79", "127.0.0.1"] {
            assert_eq!(permitted(address), [false; 3], "{address}");
        }
    }
}
