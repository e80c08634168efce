//! Whether a program serves clients.

use std::num::NonZeroU16;

use ipvs::Protocol;

use crate::{
    Decapsulation,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::{HostView, Socket},
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(sockets) = &view.sockets else {
        return Vec::new();
    };
    if expected.ports.is_empty() {
        return nothing(sockets, expected).into_iter().collect();
    }
    let closed = expected
        .ports
        .iter()
        .filter_map(|&(protocol, port)| closed(sockets, expected, protocol, port));
    closed.collect()
}

/// Clients of a masqueraded server reach it by one of its own addresses.
fn is_reached(socket: Socket, expected: &ExpectedServer) -> bool {
    match expected.vip() {
        Some(vip) => socket.is_reached_by(vip),
        None => !socket.address.is_loopback(),
    }
}

/// The kernel receives GUE packets through a socket, too.
fn is_tunnel(socket: Socket, expected: &ExpectedServer) -> bool {
    let tunnel = expected.by_tunnel();
    let gue = tunnel.and_then(|(_, tunnel)| match tunnel.decapsulation() {
        Decapsulation::Gue { port } => Some(port.get()),
        _ => None,
    });
    socket.protocol == Protocol::Udp && gue == Some(socket.port)
}

fn nothing(sockets: &[Socket], expected: &ExpectedServer) -> Option<Finding> {
    let serves = |it: Socket| is_reached(it, expected) && !is_tunnel(it, expected);
    if sockets.iter().copied().any(serves) {
        return None;
    }
    let at = match expected.vip() {
        Some(vip) => format!("on {vip}"),
        None => "on any address of this host".to_owned(),
    };
    let finding = Finding::warning(
        FindingKind::NothingListens,
        format!("no program listens {at}, on any port of TCP or UDP"),
        "If this host should serve clients now, they are refused.",
    );
    Some(finding.fix(Remedy::Open(Open::Serve(None))))
}

fn closed(
    sockets: &[Socket],
    expected: &ExpectedServer,
    protocol: Protocol,
    port: NonZeroU16,
) -> Option<Finding> {
    // The kernel lists the sockets of other protocols elsewhere, and in another form.
    if !matches!(protocol, Protocol::Tcp | Protocol::Udp) {
        return None;
    }
    let on_port = || {
        let of_port = sockets.iter().copied();
        of_port.filter(move |it| it.protocol == protocol && it.port == port.get())
    };
    if on_port().any(|socket| is_reached(socket, expected)) {
        return None;
    }
    let at = expected
        .vip()
        .map_or_else(String::new, |vip| format!(" of {vip}"));
    let elsewhere = on_port().next();
    let elsewhere = elsewhere.map_or_else(String::new, |it| format!(", only on {}", it.address));
    let finding = Finding::problem(
        FindingKind::PortClosed,
        format!("no program listens on {protocol} port {port}{at}{elsewhere}"),
        "This server's clients are refused. Start the program that should serve them, or have it listen \
         on this address or on all addresses.",
    );
    let serve = Open::Serve(Some((protocol, port)));
    Some(finding.fix(Remedy::Open(serve)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::kinds;

    fn check(listening: &[&str], port: Option<&str>) -> Vec<Finding> {
        let sockets = listening.iter().map(|address| Socket {
            protocol: Protocol::Tcp,
            address: address.parse().unwrap(),
            port: 80,
        });
        let view = HostView {
            sockets: Some(sockets.collect()),
            ..HostView::default()
        };
        let mut expected = ExpectedServer::direct("10.10.10.100".parse().unwrap());
        if let Some(port) = port {
            expected = expected.port(Protocol::Tcp, port.parse().unwrap());
        }
        super::check(&view, &expected)
    }

    #[test]
    fn a_program_has_to_listen_on_the_vip_or_on_all_addresses() {
        for address in ["10.10.10.100", "0.0.0.0", "::"] {
            assert_eq!(check(&[address], Some("80")), [], "{address}");
            assert_eq!(check(&[address], None), [], "{address}");
        }
        let elsewhere = check(&["10.10.10.12"], Some("80"));
        assert_eq!(kinds(&elsewhere), [FindingKind::PortClosed]);
        let said = "no program listens on TCP port 80 of 10.10.10.100, only on 10.10.10.12";
        assert!(elsewhere.iter().all(|finding| finding.problem == said));
        assert_eq!(
            kinds(&check(&["0.0.0.0"], Some("443"))),
            [FindingKind::PortClosed]
        );
        assert_eq!(
            kinds(&check(&["10.10.10.12"], None)),
            [FindingKind::NothingListens]
        );
    }

    #[test]
    fn a_list_that_cannot_be_read_leads_to_no_finding() {
        let expected = ExpectedServer::direct("10.10.10.100".parse().unwrap());
        assert_eq!(super::check(&HostView::default(), &expected), []);
    }
}
