//! The prefix length with which a VIP is added to the clients' device.

use std::net::IpAddr;

use crate::{
    AddressScope, AddressStatus, Director, Error, Host, IpPrefix, Lifetime, Placement, Rank, SetUp,
    model::mark,
};

impl Director {
    /// Returns the VIP with the prefix length that it gets on this host: the requested one, or that
    /// of a single host (`/32`).
    ///
    /// The first address of a network on a device is the source of all that the host sends to that
    /// network (`fib_select_default`, `inet_select_addr`). Real servers do not answer a VIP: it is
    /// their own address too. A VIP therefore joins a network only behind an address of the host
    /// that is there to stay; one with a lease may go, and the kernel then promotes the VIP.
    pub(super) async fn prefix_on(
        &self,
        host: &Host,
        set_ups: &[SetUp],
    ) -> Result<IpPrefix, Error> {
        let alone = IpPrefix::host(self.vip.address());
        if self.vip == alone || self.vip.address().is_ipv6() || self.placement != Placement::Device
        {
            return Ok(self.vip);
        }
        let addresses = host.addresses().await?;
        let here = |prefix| {
            let mut on_device = addresses.iter().filter(|it| self.is_on_device(it));
            on_device.find(|it| it.address.prefix == prefix)
        };
        // A VIP that clients use stays as it is.
        if here(self.vip).is_some() {
            return Ok(self.vip);
        }
        let before = set_ups.iter().find_map(|it| match it {
            SetUp::Director(it) if it.device == self.device => {
                (it.vip.address() == self.vip.address()).then_some(it.vip)
            }
            _ => None,
        });
        let stays = here(alone).is_some_and(|it| match before {
            Some(asked) => asked == self.vip,
            // The journal is lost.
            None => it.origin == Some(mark::PROTOCOL),
        });
        if stays {
            return Ok(alone);
        }
        let vips: Vec<_> = set_ups.iter().map(|it| it.id().vip).collect();
        let goes_before = |it: &AddressStatus| self.goes_before(it, &vips);
        Ok(if addresses.iter().any(goes_before) {
            self.vip
        } else {
            alone
        })
    }

    /// Returns whether the VIP would be a secondary address behind this one, for good.
    fn goes_before(&self, own: &AddressStatus, vips: &[IpAddr]) -> bool {
        let prefix = own.address.prefix;
        self.is_on_device(own)
            && prefix.network() == self.vip.network()
            && own.rank == Rank::Primary
            && own.address.scope == AddressScope::Global
            && own.address.lifetime == Lifetime::Forever
            && own.origin != Some(mark::PROTOCOL)
            && !vips.contains(&prefix.address())
    }

    fn is_on_device(&self, status: &AddressStatus) -> bool {
        status.address.device == self.device
    }
}
