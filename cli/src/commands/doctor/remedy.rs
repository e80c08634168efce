//! A remedy as a line to type. Words in capitals are for the operator to replace.

mod change;
mod set_up;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::num::NonZeroU16;
use std::path::Path;

use crate::session::NetnsName;
use crate::typed;
use ipvs::{Protocol, SyncDaemon};
use lbnet::doctor::{ConfigurationRead, Open, Remedy};
use lbnet::{Address, GatewayCheck, HostRoute, HostRouteKind, IpPrefix, Lifetime, Route, Rule};

use crate::shown::shell::{Line, quoted};

/// The protocol of routes that an administrator adds (`RTPROT_BOOT`).
const ADMINISTRATOR: u8 = 3;

/// The line that carries a remedy out, typed outside of the network namespace that was named.
pub(super) fn line(remedy: &Remedy, netns: Option<&NetnsName>) -> Line {
    of(remedy).within(netns)
}

fn of(remedy: &Remedy) -> Line {
    match remedy {
        Remedy::SetUp(set_up) => set_up::line(set_up),
        Remedy::Change(change) => change::line(change),
        Remedy::SetSysctl { key, value } => {
            Line::network(["sysctl", "-w", &format!("{key}={value}")])
        }
        Remedy::LoadModule(module) => Line::machine(["modprobe", module.name()]),
        Remedy::SwitchOn(device) => Line::network(["ip", "link", "set", device.as_str(), "up"]),
        Remedy::SetMtu { device, mtu } => {
            let mtu = mtu.to_string();
            Line::network(["ip", "link", "set", device.as_str(), "mtu", &mtu])
                .comment("if every host in its network accepts such packets")
                .for_operator()
        }
        Remedy::DeleteAddress(address) => delete_address(address),
        Remedy::DeprecateAddress(address) => deprecate_address(address),
        Remedy::AddRule(rule) => add_rule(rule),
        // A set-up, typed for another finding, may have added it.
        Remedy::AddRoute(route) => host_route("replace", route),
        Remedy::DeleteRoute(route) => host_route("delete", route),
        Remedy::ChangeGateway { route, gateway } => change_gateway(route, *gateway),
        Remedy::ReplaceDefaultGateway(gateway) => default_gateway(&gateway.to_string()),
        Remedy::AdvertiseMss(advertised) => advertise_mss(&advertised.route, advertised.segment),
        Remedy::Ping(address) => Line::network(["ping", "-c", "3", &address.to_string()])
            .comment("if it answers, nothing is wrong"),
        Remedy::WriteFile { path, text, read } => write_file(path, text, *read),
        Remedy::OfOthers { program, arguments } => {
            let arguments = arguments.iter().map(String::as_str);
            Line::machine([program.as_str()].into_iter().chain(arguments))
        }
        Remedy::OnHost { host, remedy } => on(*host, remedy),
        // Its line would fail here, and only the operator knows the way out.
        Remedy::Outside { .. } => Line::only_comment(&remedy.to_string()),
        Remedy::Open(Open::Serve(port)) => listening(*port),
        Remedy::Open(open) => of_open(open).for_operator(),
        other => Line::only_comment(&other.to_string()),
    }
}

fn on(host: IpAddr, remedy: &Remedy) -> Line {
    let line = of(remedy).on(host);
    match remedy {
        // A host may be reached by the gateway that it would lose.
        Remedy::ReplaceDefaultGateway(_) => line
            .comment("if its replies take another route")
            .for_operator(),
        _ => line,
    }
}

fn of_open(open: &Open) -> Line {
    match open {
        Open::AddService => Line::ours(["add-service", "-t", "VIP:PORT", "-s", "wlc"]),
        Open::AddDestination(service) => match typed::service_options(*service) {
            Some(service) => Line::ours(["add-destination"])
                .words(service)
                .words(["-r", "ADDRESS"]),
            None => Line::only_comment(&open.to_string()),
        },
        Open::SetUpDirector(vip) => set_up::director(&vip.to_string(), "DEVICE"),
        Open::SetUpRealServer { vip, tunnel } => {
            let vip = vip.as_ref().map(IpAddr::to_string);
            set_up::real_server(vip.as_deref().unwrap_or("VIP"), "DEVICE", *tunnel)
        }
        Open::StartSyncDaemon(daemon) => {
            let mut elsewhere = SyncDaemon::clone(daemon);
            "DEVICE".clone_into(&mut elsewhere.interface);
            change::start(&elsewhere)
        }
        Open::AddRoute(address) => {
            let address = address.to_string();
            Line::network(["ip", "route", "add", &address, "via", "GATEWAY"])
        }
        Open::AddAddress(device) => Line::network([
            "ip",
            "address",
            "add",
            "ADDRESS/PREFIX",
            "dev",
            device.as_str(),
        ]),
        Open::AddRule(from) => rule_from(*from, "TABLE")
            .comment("its routes lead to the clients by the device that they arrive on"),
        Open::GatewayIsTheDirector => default_gateway("DIRECTOR"),
        Open::AdvertiseSegment { segment } => {
            let segment = segment.to_string();
            let change = [
                "ip", "route", "change", "default", "via", "GATEWAY", "advmss",
            ];
            Line::network(change).words([segment])
        }
        other => Line::only_comment(&other.to_string()),
    }
}

/// What shows which programs serve a port, or any port.
fn listening(port: Option<(Protocol, NonZeroU16)>) -> Line {
    let line = Line::network(["ss", "--listening", "--numeric", "--processes"]);
    let line = match port {
        None => line.words(["--tcp", "--udp"]),
        Some((Protocol::Udp, port)) => line.words(["--udp", &format!("sport = {port}")]),
        Some((_, port)) => line.words(["--tcp", &format!("sport = {port}")]),
    };
    line.comment("shows which programs listen, and where")
}

fn delete_address(address: &Address) -> Line {
    let prefix = address.prefix.to_string();
    Line::network([
        "ip",
        "address",
        "delete",
        &prefix,
        "dev",
        address.device.as_str(),
    ])
}

/// Without both lifetimes, `ip` would set the one that is missing to its default.
fn deprecate_address(address: &Address) -> Line {
    let valid = match address.lifetime {
        Lifetime::Forever => "forever".to_owned(),
        Lifetime::For(left) => left.as_secs().to_string(),
    };
    let prefix = address.prefix.to_string();
    Line::network([
        "ip",
        "address",
        "change",
        &prefix,
        "dev",
        address.device.as_str(),
    ])
    .words(["valid_lft", &valid, "preferred_lft", "0"])
}

fn add_rule(rule: &Rule) -> Line {
    let line = rule_from(rule.from, &rule.table.to_string());
    match rule.priority {
        Some(priority) => line.words(["priority", &priority.to_string()]),
        None => line,
    }
}

fn rule_from(from: IpPrefix, table: &str) -> Line {
    let ip: &[&str] = match from.address() {
        IpAddr::V4(_) => &["ip"],
        IpAddr::V6(_) => &["ip", "-6"],
    };
    Line::network(ip.iter().copied()).words([
        "rule",
        "add",
        "from",
        &from.to_string(),
        "lookup",
        table,
    ])
}

fn host_route(verb: &str, route: &HostRoute) -> Line {
    let (destination, device) = (route.destination.to_string(), route.device.as_str());
    let line = Line::network(["ip", "route", verb]);
    match route.kind {
        HostRouteKind::Unicast => line.words([&destination, "dev", device]),
        HostRouteKind::Local => {
            line.words(["local", &destination, "dev", device, "table", "local"])
        }
    }
}

fn default_gateway(gateway: &str) -> Line {
    Line::network(["ip", "route", "replace", "default", "via", gateway])
}

/// All of a route that is known is repeated: `ip` would give up what it is not told.
fn advertise_mss(route: &Route, segment: u32) -> Line {
    let mut changed = route.clone();
    changed.advertised_mss = Some(segment);
    route_line("change", &changed)
}

fn change_gateway(route: &Route, gateway: IpAddr) -> Line {
    let mut changed = route.clone();
    changed.gateway = Some(gateway);
    route_line("replace", &changed)
}

fn route_line(verb: &str, route: &Route) -> Line {
    let gateway = route.gateway;
    let ip = match gateway {
        Some(IpAddr::V6(_)) => &["ip", "-6"][..],
        _ => &["ip"],
    };
    let to = route
        .destination
        .map_or("default".to_owned(), |it| it.to_string());
    let mut line = Line::network(ip.iter().copied()).words(["route", verb, &to]);
    if let Some(gateway) = gateway {
        line = line.words(["via", &gateway.to_string()]);
    }
    line = line.words(["dev", route.device.as_str()]);
    if route.gateway_check == GatewayCheck::OnLink {
        line = line.words(["onlink"]);
    }
    if let Some(source) = route.source {
        line = line.words(["src", &source.to_string()]);
    }
    // `ip` gives this one to every route.
    if route.protocol != ADMINISTRATOR {
        line = line.words(["proto", &route.protocol.to_string()]);
    }
    // The kernel finds a route by its metric, too.
    let metric = Some(route.metric).filter(|it| *it > 0);
    let numbers = [
        ("metric", metric),
        ("mtu", route.mtu),
        ("advmss", route.advertised_mss),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            line = line.words([name, &number.to_string()]);
        }
    }
    line
}

fn write_file(path: &Path, text: &str, read: ConfigurationRead) -> Line {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "%%")
        .replace('\n', "\\n");
    let folder = path.parent().unwrap_or(Path::new("/"));
    let line = Line::shell(&format!(
        "mkdir -p {} && printf {} >{}",
        quoted(&folder.to_string_lossy()),
        quoted(&escaped),
        quoted(&path.to_string_lossy()),
    ));
    match read {
        // Something else has to add the device's other addresses then.
        ConfigurationRead::AtBoot => line.comment("takes effect at the next boot").for_operator(),
        _ => line,
    }
}
