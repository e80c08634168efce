//! Remedies in words.

use std::fmt;

use super::{ConfigurationRead, Confinement, Open, Remedy};
use crate::{AdvertisedMss, SetUp};

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetUp(SetUp::Director(director)) => {
                let (vip, device) = (director.vip(), director.device());
                write!(f, "set up the director for {vip} on {device}")
            }
            Self::SetUp(SetUp::RealServer(server)) => {
                let (vip, device) = (server.vip(), server.device());
                write!(f, "set up the real server for {vip} on {device}")?;
                match server.incoming_tunnel() {
                    Some(tunnel) => write!(f, ", with the tunnel {tunnel}"),
                    None => Ok(()),
                }
            }
            Self::Change(change) => write!(f, "{change}"),
            Self::SetSysctl { key, value } => write!(f, "set {key} to {value}"),
            Self::LoadModule(module) => write!(f, "load the module {}", module.name()),
            Self::SwitchOn(device) => write!(f, "bring {device} up"),
            Self::SetMtu { device, mtu } => write!(
                f,
                "set the MTU of {device} to {mtu} bytes, if every host in its network accepts such \
                 packets"
            ),
            Self::DeleteAddress(address) => write!(f, "delete {address}"),
            Self::DeprecateAddress(address) => write!(f, "deprecate {address}"),
            Self::AddRule(rule) => write!(f, "add {rule}"),
            Self::AddRoute(route) => write!(f, "add {route}"),
            Self::DeleteRoute(route) => write!(f, "delete {route}"),
            Self::ChangeGateway { route, gateway } => write!(f, "lead {route} to {gateway}"),
            Self::ReplaceDefaultGateway(gateway) => write!(f, "make {gateway} the default gateway"),
            Self::AdvertiseMss(AdvertisedMss { route, segment }) => {
                let device = &route.device;
                write!(
                    f,
                    "advertise TCP segments of {segment} bytes over the default route through {device}"
                )
            }
            Self::Ping(address) => write!(f, "ping {address}: if it answers, nothing is wrong"),
            Self::WriteFile { path, text, read } => {
                let when = match read {
                    ConfigurationRead::AtBoot => ", which is read at boot",
                    ConfigurationRead::OnReload => "",
                };
                write!(f, "write {text:?} to {}{when}", path.display())
            }
            Self::OfOthers { program, arguments } => {
                write!(f, "run {program} {}", arguments.join(" "))
            }
            Self::OnHost { host, remedy } => write!(f, "on {host}: {remedy}"),
            Self::Outside { remedy, within } => match within {
                Confinement::ReadOnlySettings => write!(
                    f,
                    "from outside the container, where /proc/sys can be written: {remedy}"
                ),
                Confinement::UserNamespace => {
                    write!(f, "in the initial user namespace: {remedy}")
                }
            },
            Self::Open(open) => write!(f, "{open}"),
        }
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddService => f.write_str("add a service"),
            Self::AddDestination(service) => write!(f, "add a destination to {service}"),
            Self::SetUpDirector(vip) => write!(f, "set up the director for {vip}"),
            Self::SetUpRealServer { vip, tunnel } => {
                f.write_str("set up the real server")?;
                if let Some(vip) = vip {
                    write!(f, " for {vip}")?;
                }
                match tunnel {
                    Some(tunnel) => write!(f, ", with the tunnel {tunnel}"),
                    None => Ok(()),
                }
            }
            Self::StartSyncDaemon(daemon) => {
                let (role, id) = (daemon.role, daemon.sync_id);
                write!(
                    f,
                    "start the {role} sync daemon with id {id} on another device"
                )
            }
            Self::AddRoute(address) => write!(f, "add a route to {address}"),
            Self::AddAddress(device) => write!(
                f,
                "add an address of this host to {device}, with the prefix of its network"
            ),
            Self::AddRule(from) => write!(
                f,
                "add a rule from {from} that looks up a table whose routes lead to the clients by the \
                 device that they arrive on"
            ),
            Self::GatewayIsTheDirector => f.write_str("make the director the default gateway"),
            Self::AdvertiseSegment { segment } => write!(
                f,
                "advertise TCP segments of {segment} bytes over the default route"
            ),
            Self::Serve(None) => f.write_str("start the program that serves clients"),
            Self::Serve(Some((protocol, port))) => write!(
                f,
                "start the program that serves {protocol} port {port}, or have it listen on all \
                 addresses"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Director, RealServer, Tunnel};

    #[test]
    fn a_remedy_says_what_to_do_and_where() {
        let (vip, device) = ("10.10.10.100", "eth0".parse().unwrap());
        let server = RealServer::new(vip.parse().unwrap(), device).tunnel(Tunnel::ipip());
        let there = Remedy::SetUp(SetUp::RealServer(server)).on("10.10.20.12".parse().unwrap());
        assert_eq!(
            there.to_string(),
            "on 10.10.20.12: set up the real server for 10.10.10.100 on eth0, with the tunnel IPIP"
        );
        let director = Director::new("10.10.10.100/24".parse().unwrap(), "eth0".parse().unwrap());
        assert_eq!(
            Remedy::SetUp(SetUp::Director(director)).to_string(),
            "set up the director for 10.10.10.100/24 on eth0"
        );
        let reload = Remedy::command("networkctl", ["reload"]);
        assert_eq!(reload.to_string(), "run networkctl reload");
    }
}
