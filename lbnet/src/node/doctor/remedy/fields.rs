//! Remedies as data: `type` says which one it is, the other fields what it is about.

use std::{net::IpAddr, num::NonZeroU16, path::Path};

use ipvs::{Change, Destination, Service, SyncDaemon, Timeouts};
use serde::{Serialize, Serializer};

use super::{ConfigurationRead, Confinement, Open, Remedy};
use crate::{
    Address, AdvertisedMss, DeviceName, Director, HostRoute, IpPrefix, RealServer, Route, Rule,
    SetUp, Sysctl, Tunnel,
};

impl Remedy {
    /// Every `type` that a remedy can have as data.
    pub const TYPES: &'static [&'static str] = Fields::TYPES;
}

impl Open {
    /// Every `open` that a remedy can have as data.
    pub const TYPES: &'static [&'static str] = OpenFields::TYPES;
}

impl Serialize for Remedy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::of(self).serialize(serializer)
    }
}

/// An enumeration with a field that tells which of its variants a value is, and all names of variants.
macro_rules! tagged {
    (
        $(#[doc = $about:literal])*
        enum $name:ident<$life:lifetime> by $tag:literal {
            $($(#[$meta:meta])* $variant:ident $fields:tt = $type:literal,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Serialize)]
        #[serde(tag = $tag)]
        enum $name<$life> {
            $($(#[$meta])* #[serde(rename = $type)] $variant $fields,)*
        }

        impl $name<'_> {
            const TYPES: &'static [&'static str] = &[$($type),*];
        }
    };
}

tagged! {
enum Fields<'a> by "type" {
    SetUpDirector {
        director: &'a Director,
    } = "set_up_director",
    SetUpRealServer {
        real_server: &'a RealServer,
    } = "set_up_real_server",
    SetTimeouts {
        timeouts: &'a Timeouts,
    } = "set_timeouts",
    AddService {
        service: &'a Service,
    } = "add_service",
    UpdateService {
        from: &'a Service,
        to: &'a Service,
    } = "update_service",
    DeleteService {
        service: &'a Service,
    } = "delete_service",
    AddDestination {
        service: String,
        destination: &'a Destination,
    } = "add_destination",
    UpdateDestination {
        service: String,
        from: &'a Destination,
        to: &'a Destination,
    } = "update_destination",
    DeleteDestination {
        service: String,
        destination: &'a Destination,
    } = "delete_destination",
    StartSyncDaemon {
        daemon: &'a SyncDaemon,
    } = "start_sync_daemon",
    StopSyncDaemon {
        daemon: &'a SyncDaemon,
    } = "stop_sync_daemon",
    /// A change that this version has no fields for.
    Change {
        change: String,
    } = "change",
    SetSysctl {
        key: &'a Sysctl,
        value: i64,
    } = "set_sysctl",
    LoadModule {
        module: &'static str,
    } = "load_module",
    SwitchOn {
        device: &'a DeviceName,
    } = "switch_on",
    SetMtu {
        device: &'a DeviceName,
        mtu: u32,
    } = "set_mtu",
    DeleteAddress {
        address: &'a Address,
    } = "delete_address",
    DeprecateAddress {
        address: &'a Address,
    } = "deprecate_address",
    AddRule {
        rule: &'a Rule,
    } = "add_rule",
    AddRoute {
        route: &'a HostRoute,
    } = "add_route",
    DeleteRoute {
        route: &'a HostRoute,
    } = "delete_route",
    ChangeGateway {
        route: &'a Route,
        gateway: IpAddr,
    } = "change_gateway",
    ReplaceDefaultGateway {
        gateway: IpAddr,
    } = "replace_default_gateway",
    AdvertiseMss(&'a AdvertisedMss) = "advertise_mss",
    Ping {
        address: IpAddr,
    } = "ping",
    WriteFile {
        path: &'a Path,
        text: &'a str,
        read: ConfigurationRead,
    } = "write_file",
    OfOthers {
        program: &'a str,
        arguments: &'a [String],
    } = "of_others",
    OnHost {
        host: IpAddr,
        remedy: &'a Remedy,
    } = "on_host",
    Outside {
        within: Confinement,
        remedy: &'a Remedy,
    } = "outside",
    Open {
        #[serde(flatten)]
        open: OpenFields<'a>,
    } = "open",
}
}

tagged! {
/// What only the operator can complete: `missing` is what.
enum OpenFields<'a> by "open" {
    AddService {} = "add_service",
    AddDestination {
        service: String,
    } = "add_destination",
    SetUpDirector {
        vip: IpPrefix,
    } = "set_up_director",
    SetUpRealServer {
        vip: Option<IpAddr>,
        tunnel: Option<Tunnel>,
    } = "set_up_real_server",
    StartSyncDaemon {
        daemon: &'a SyncDaemon,
    } = "start_sync_daemon",
    AddRoute {
        address: IpAddr,
    } = "add_route",
    AddAddress {
        device: &'a DeviceName,
    } = "add_address",
    AddRule {
        from: IpPrefix,
    } = "add_rule",
    GatewayIsTheDirector {} = "gateway_is_the_director",
    AdvertiseSegment {
        segment: u32,
    } = "advertise_segment",
    Serve {
        protocol: Option<String>,
        port: Option<NonZeroU16>,
    } = "serve",
}
}

impl<'a> Fields<'a> {
    fn of(remedy: &'a Remedy) -> Self {
        match remedy {
            Remedy::SetUp(SetUp::Director(director)) => Self::SetUpDirector { director },
            Remedy::SetUp(SetUp::RealServer(real_server)) => Self::SetUpRealServer { real_server },
            Remedy::Change(change) => Self::of_change(change),
            Remedy::SetSysctl { key, value } => Self::SetSysctl { key, value: *value },
            Remedy::LoadModule(module) => Self::LoadModule {
                module: module.name(),
            },
            Remedy::SwitchOn(device) => Self::SwitchOn { device },
            Remedy::SetMtu { device, mtu } => Self::SetMtu { device, mtu: *mtu },
            Remedy::DeleteAddress(address) => Self::DeleteAddress { address },
            Remedy::DeprecateAddress(address) => Self::DeprecateAddress { address },
            Remedy::AddRule(rule) => Self::AddRule { rule },
            Remedy::AddRoute(route) => Self::AddRoute { route },
            Remedy::DeleteRoute(route) => Self::DeleteRoute { route },
            Remedy::ChangeGateway { route, gateway } => Self::ChangeGateway {
                route,
                gateway: *gateway,
            },
            Remedy::ReplaceDefaultGateway(gateway) => {
                Self::ReplaceDefaultGateway { gateway: *gateway }
            }
            Remedy::AdvertiseMss(advertised) => Self::AdvertiseMss(advertised),
            Remedy::Ping(address) => Self::Ping { address: *address },
            Remedy::WriteFile { path, text, read } => Self::WriteFile {
                path,
                text,
                read: *read,
            },
            Remedy::OfOthers { program, arguments } => Self::OfOthers { program, arguments },
            Remedy::OnHost { host, remedy } => Self::OnHost {
                host: *host,
                remedy,
            },
            Remedy::Outside { remedy, within } => Self::Outside {
                within: *within,
                remedy,
            },
            Remedy::Open(open) => Self::Open {
                open: OpenFields::of(open),
            },
        }
    }

    fn of_change(change: &'a Change) -> Self {
        match change {
            Change::SetTimeouts { to, .. } => Self::SetTimeouts { timeouts: to },
            Change::AddService(service) => Self::AddService { service },
            Change::UpdateService { from, to } => Self::UpdateService { from, to },
            Change::DeleteService(service) => Self::DeleteService { service },
            Change::AddDestination {
                service,
                destination,
            } => Self::AddDestination {
                service: service.to_string(),
                destination,
            },
            Change::UpdateDestination { service, from, to } => Self::UpdateDestination {
                service: service.to_string(),
                from,
                to,
            },
            Change::DeleteDestination {
                service,
                destination,
            } => Self::DeleteDestination {
                service: service.to_string(),
                destination,
            },
            Change::StartSyncDaemon(daemon) => Self::StartSyncDaemon { daemon },
            Change::StopSyncDaemon(daemon) => Self::StopSyncDaemon { daemon },
            other => Self::Change {
                change: other.to_string(),
            },
        }
    }
}

impl<'a> OpenFields<'a> {
    fn of(open: &'a Open) -> Self {
        match open {
            Open::AddService => Self::AddService {},
            Open::AddDestination(service) => Self::AddDestination {
                service: service.to_string(),
            },
            Open::SetUpDirector(vip) => Self::SetUpDirector { vip: *vip },
            Open::SetUpRealServer { vip, tunnel } => Self::SetUpRealServer {
                vip: *vip,
                tunnel: *tunnel,
            },
            Open::StartSyncDaemon(daemon) => Self::StartSyncDaemon { daemon },
            Open::AddAddress(device) => Self::AddAddress { device },
            Open::AddRule(from) => Self::AddRule { from: *from },
            Open::AddRoute(address) => Self::AddRoute { address: *address },
            Open::GatewayIsTheDirector => Self::GatewayIsTheDirector {},
            Open::AdvertiseSegment { segment } => Self::AdvertiseSegment { segment: *segment },
            Open::Serve(port) => Self::Serve {
                protocol: port.map(|(protocol, _)| protocol.to_string().to_ascii_lowercase()),
                port: port.map(|(_, port)| port),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_remedy_is_data_with_a_type() {
        let switch_on = Remedy::SwitchOn("eth0".parse().unwrap());
        let there = switch_on.on("10.10.10.12".parse().unwrap());
        assert_eq!(
            serde_json::to_value(there).unwrap(),
            json!({
                "type": "on_host",
                "host": "10.10.10.12",
                "remedy": { "type": "switch_on", "device": "eth0" },
            })
        );
        let open = Remedy::Open(Open::AddRoute("10.10.20.12".parse().unwrap()));
        assert_eq!(
            serde_json::to_value(open).unwrap(),
            json!({ "type": "open", "open": "add_route", "address": "10.10.20.12" })
        );
    }

    #[test]
    fn a_change_of_ipvs_has_its_own_type() {
        let service = Service::tcp("10.10.10.100:80".parse::<ipvs::Endpoint>().unwrap());
        let from = Destination::new("10.10.10.12:80".parse::<ipvs::Endpoint>().unwrap());
        let change = Change::UpdateDestination {
            service: service.id,
            from,
            to: from.weight(0),
        };
        let json = serde_json::to_value(Remedy::Change(change)).unwrap();
        assert_eq!(json["type"], "update_destination");
        assert_eq!(json["service"], service.id.to_string());
        assert_eq!(
            (&json["from"]["weight"], &json["to"]["weight"]),
            (&json!(1), &json!(0))
        );
    }
}
