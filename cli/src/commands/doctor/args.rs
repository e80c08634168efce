use std::net::IpAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use ipvs::Protocol;
use lbnet::doctor::{Arrival, Examination, Replies};
use lbnet::{DeviceName, Role};

use crate::typed::{self, Forward, address};

/// What a host is examined as.
#[derive(Debug)]
pub(crate) struct Doctor(pub(crate) Examination);

#[derive(Args, Debug)]
struct Typed {
    /// Check this host as a director; the services are read from IPVS
    #[arg(long, conflicts_with_all = ["real_server", "vip", "device", "forward", "local", "gateway", "port"])]
    director: bool,
    /// Check this host as a real server
    #[arg(long)]
    real_server: bool,
    /// Virtual IP that the host should have as a real server [default: those that it was set up for]
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = SERVER)]
    vip: Vec<IpAddr>,
    /// Device on the clients' side [default: those in the network of the virtual IP, else those with a
    /// default route]
    #[arg(long, help_heading = SERVER)]
    device: Vec<DeviceName>,
    /// How packets arrive: direct, masquerade, ipip, gue,port=N or gre[,csum] [default: as the host was
    /// set up, else by the device that has the virtual IP]
    #[arg(long, value_name = "METHOD", help_heading = SERVER)]
    forward: Option<Forward>,
    /// This host's tunnel endpoint
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = SERVER)]
    local: Option<IpAddr>,
    /// With masquerading, the director's address, if it must be this host's default gateway. Leave it
    /// out if the director replaces clients' addresses (source NAT)
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = SERVER)]
    gateway: Option<IpAddr>,
    /// Port that the host should serve [default: any port]
    #[arg(
        long,
        value_name = "PORT[/tcp|udp]",
        allow_negative_numbers = true,
        help_heading = SERVER
    )]
    port: Vec<ServicePort>,
}

const SERVER: &str = "Real server options";

impl Typed {
    fn understood(self) -> Result<Doctor, &'static str> {
        let role = if self.director {
            Some(Role::Director)
        } else {
            self.real_server.then_some(Role::RealServer)
        };
        let vips = self.vip;
        let forward = match self.gateway {
            Some(_) => self.forward.unwrap_or(Forward::Masquerade),
            None => self.forward.unwrap_or(Forward::Direct),
        };
        let arrival = match (forward, self.local, self.gateway) {
            (Forward::Direct, None, None) => Arrival::Recorded { vips },
            (Forward::Tunnel(encapsulation), local, None) => {
                let tunnel = lbnet::Tunnel::new(encapsulation);
                let tunnel = local.map_or(tunnel, |local| tunnel.local(local));
                Arrival::Tunnel { vips, tunnel }
            }
            (Forward::Masquerade, None, gateway) if vips.is_empty() => Arrival::Masqueraded {
                replies: gateway.map_or(Replies::ToDirector, Replies::Through),
            },
            (Forward::Masquerade, None, _) => {
                return Err("a masqueraded real server has no virtual IP: leave out --vip");
            }
            (_, Some(_), _) => {
                return Err("--local needs a tunnel: --forward ipip, gue,port=N or gre");
            }
            (_, _, Some(_)) => return Err("--gateway needs --forward masquerade"),
        };
        let mut examination = Examination::default();
        examination.role = role;
        examination.arrival = arrival;
        examination.devices = self.device;
        examination.ports = self
            .port
            .iter()
            .map(|port| (port.protocol, port.number))
            .collect();
        Ok(Doctor(examination))
    }
}

/// A port that a server listens on.
#[derive(Clone, Copy, Debug)]
struct ServicePort {
    protocol: Protocol,
    number: NonZeroU16,
}

impl FromStr for ServicePort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol {
            "tcp" => Some(Protocol::Tcp),
            "udp" => Some(Protocol::Udp),
            _ => None,
        };
        let port = protocol.and_then(|protocol| {
            let number = typed::number(number)?;
            Some(Self { protocol, number })
        });
        port.ok_or("a port is a number from 1 to 65535, with /udp for UDP: 53/udp")
    }
}

impl Args for Doctor {
    fn augment_args(command: Command) -> Command {
        Typed::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Typed::augment_args_for_update(command)
    }
}

impl FromArgMatches for Doctor {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let typed = Typed::from_arg_matches(matches)?;
        typed
            .understood()
            .map_err(|said| Error::raw(ErrorKind::ArgumentConflict, format!("{said}\n")))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command as Typed;
    use super::*;
    use crate::typed::{Deferred, parsed};

    fn typed(arguments: &str) -> Examination {
        let Typed::Doctor(Deferred(Doctor(examination))) = parsed(&format!("doctor {arguments}"));
        examination
    }

    #[test]
    fn a_host_is_what_it_is_called_or_whatever_it_is() {
        assert_eq!(typed("").role, None);
        assert_eq!(typed("--vip 10.0.0.9 --device eth0").role, None);
        assert_eq!(typed("--director").role, Some(Role::Director));
        assert_eq!(typed("--real-server").role, Some(Role::RealServer));
    }

    #[test]
    fn packets_come_as_they_are_typed_to() {
        let arrival = |arguments| typed(arguments).arrival;
        let masqueraded = |replies| Arrival::Masqueraded { replies };
        let through = Replies::Through("10.0.0.1".parse().unwrap());
        for arguments in [
            "--gateway 10.0.0.1",
            "--forward masquerade --gateway 10.0.0.1",
        ] {
            assert_eq!(arrival(arguments), masqueraded(through));
        }
        let to_director = arrival("--forward masquerade");
        assert_eq!(to_director, masqueraded(Replies::ToDirector));
        let tunnel = lbnet::Tunnel::ipip().local("fd00::2".parse().unwrap());
        assert_eq!(
            arrival("--vip 10.0.0.9 --forward ipip --local fd00::2"),
            Arrival::Tunnel {
                vips: vec!["10.0.0.9".parse().unwrap()],
                tunnel
            }
        );
    }
}
