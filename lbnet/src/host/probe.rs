//! Asks the network who has an address.

mod heard;
mod question;
mod socket;

use std::{collections::BTreeMap, net::IpAddr};

use futures_util::future::try_join_all;
use tokio::time::{Instant, timeout};

use crate::{
    AddressScope, DeviceName, Error, Holder, Host, HostError, Link, LinkState, MacAddress, Probe,
    Resolution, Usage, host::link::no_such_device,
};
use heard::{Heard, heard};
use question::{Protocol, Sender, question};
use socket::{LONGEST, ProbeSocket};

impl Host {
    /// Asks the network which other hosts have these addresses. Each is asked for on its device.
    ///
    /// It sends ARP probes for IPv4 (RFC 5227), and neighbour solicitations from `::` for IPv6, as
    /// the kernel does before it uses a new address. These do not change the tables of any
    /// neighbour, and this host need not have an address on the device. On an ipvlan device, ARP
    /// requests come from the first address of the device: otherwise no answer would arrive. The call asks for all
    /// addresses at the same time, and ends as soon as all of them are answered: at the latest
    /// after [`Probe::longest`].
    ///
    /// Use it to find out whether an address is free, or whether a neighbour is alive. An empty
    /// list does not prove that an address is free: a host may be switched off, behind a broken
    /// cable, or too busy to answer. Addresses on a device that is down or has no neighbours are
    /// not asked for. This host's own answers do not count.
    ///
    /// If another host asks for the same address at the same time, both want to take it. The host
    /// with the lower Ethernet address does not see the other one; the other one gets it as
    /// [`Usage::Probing`]. So exactly one of them goes on.
    ///
    /// Same as `arping -D`, for many addresses and for IPv6 too.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_RAW`.
    ///
    /// # Kernel
    /// Linux answers an ARP probe for any address of the host, on every device, as far as
    /// `arp_ignore` allows. It answers a solicitation only if the address is on the device.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(host: lbnet::Host) -> Result<(), Box<dyn std::error::Error>> {
    /// let vip = ("192.0.2.100".parse()?, "eth0".parse()?);
    /// for holder in host.probe(&[vip], lbnet::Probe::default()).await? {
    ///     println!("{holder}"); // 192.0.2.100 is in use by the host 02:00:00:00:00:2a on eth0
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn probe(
        &self,
        addresses: &[(IpAddr, DeviceName)],
        probe: Probe,
    ) -> Result<Vec<Holder>, Error> {
        let mut segments: BTreeMap<_, Vec<IpAddr>> = BTreeMap::new();
        for (address, device) in addresses {
            let segment = segments.entry((device, address.is_ipv6())).or_default();
            if !segment.contains(address) {
                segment.push(*address);
            }
        }
        let links = self.links().await?;
        let own: Vec<_> = links.iter().filter_map(|link| link.mac).collect();
        let mut asking = Vec::new();
        for ((device, _), addresses) in segments {
            let link = links.iter().find(|link| link.is_named(device));
            let link = link.ok_or_else(|| no_such_device(device, &links))?;
            if let (Resolution::Arp, LinkState::Up, Some(mac)) =
                (link.resolution, link.state, link.mac)
            {
                let segment = Segment {
                    device,
                    sender: self.sender_on(link, mac).await?,
                    own: &own,
                };
                asking.push(segment.ask(self, addresses, probe));
            }
        }
        let holders = try_join_all(asking).await?;
        Ok(holders.into_iter().flatten().collect())
    }
}

impl Host {
    /// Returns what an ARP request on a device has to say of its sender. An ipvlan device shares its
    /// Ethernet address with others, so the kernel passes an answer on by the IP address in it.
    async fn sender_on(&self, link: &Link, mac: MacAddress) -> Result<Sender, Error> {
        let nameless = Sender::nameless(mac);
        if !link.receives_only_own() {
            return Ok(nameless);
        }
        let addresses = self.addresses().await?.into_iter();
        let mut own = addresses.filter_map(|status| match status.address {
            address if address.device != link.name || address.scope != AddressScope::Global => None,
            address => match address.prefix.address() {
                IpAddr::V4(own) => Some(own),
                IpAddr::V6(_) => None,
            },
        });
        Ok(own.next().map_or(nameless, |ipv4| Sender { mac, ipv4 }))
    }
}

/// A device, and how to tell this host from others there.
struct Segment<'a> {
    device: &'a DeviceName,
    sender: Sender,
    own: &'a [MacAddress],
}

impl Segment<'_> {
    /// Asks for addresses of one family until all are answered or the time is over.
    async fn ask(
        self,
        host: &Host,
        mut open: Vec<IpAddr>,
        probe: Probe,
    ) -> Result<Vec<Holder>, Error> {
        let mut holders = Vec::new();
        match self.ask_for(host, &mut open, probe, &mut holders).await {
            // It went down meanwhile.
            Ok(()) | Err(Error::Host(HostError::LinkDown { .. })) => Ok(holders),
            Err(error) => Err(error),
        }
    }

    async fn ask_for(
        &self,
        host: &Host,
        open: &mut Vec<IpAddr>,
        probe: Probe,
        holders: &mut Vec<Holder>,
    ) -> Result<(), Error> {
        let Some(protocol) = open.first().copied().map(Protocol::of) else {
            return Ok(());
        };
        let socket = ProbeSocket::open(host.netns(), self.device, protocol, open)?;
        let mut buffer = [0; LONGEST];
        for _ in 0..probe.rounds.get() {
            for address in &*open {
                socket.send(&question(*address, self.sender)).await?;
            }
            let asked = Instant::now();
            while !open.is_empty() {
                // Also checked between packets that come so fast that nobody waits for them.
                let left = probe.interval.saturating_sub(asked.elapsed());
                if left.is_zero() {
                    break;
                }
                let Ok(frame) = timeout(left, socket.receive(&mut buffer)).await else {
                    break;
                };
                let heard = frame?.and_then(|frame| heard(protocol, frame));
                if let Some(heard) = heard.filter(|heard| self.prevails(heard)) {
                    if let Some(at) = open.iter().position(|address| *address == heard.address) {
                        open.swap_remove(at);
                        holders.push(self.holder(heard));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns whether another host has the address, or comes first among those who want it.
    fn prevails(&self, heard: &Heard) -> bool {
        let is_other = !self.own.contains(&heard.mac);
        is_other && (heard.usage == Usage::InUse || heard.mac.0 < self.sender.mac.0)
    }

    fn holder(&self, heard: Heard) -> Holder {
        Holder {
            address: heard.address,
            device: self.device.clone(),
            mac: heard.mac,
            usage: heard.usage,
        }
    }
}
