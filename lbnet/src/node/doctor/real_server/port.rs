//! Whether somebody serves.

use std::num::NonZeroU16;

use crate::{
    Decapsulation,
    node::doctor::{
        ExpectedServer, Finding, FindingKind, Transport,
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
        .filter_map(|&(transport, port)| closed(sockets, expected, transport, port));
    closed.collect()
}

/// A masqueraded server is reached by its own address, of which it may have several.
fn is_reached(socket: Socket, expected: &ExpectedServer) -> bool {
    match expected.vip() {
        Some(vip) => socket.is_reached_by(vip),
        None => !socket.address.is_loopback(),
    }
}

/// The kernel takes GUE packets by a socket as any other.
fn is_tunnel(socket: Socket, expected: &ExpectedServer) -> bool {
    let tunnel = expected.by_tunnel();
    let gue = tunnel.and_then(|(_, tunnel)| match tunnel.decapsulation() {
        Decapsulation::Gue { port } => Some(port.get()),
        _ => None,
    });
    socket.transport == Transport::Udp && gue == Some(socket.port)
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
        format!("nothing listens {at}, on no port of TCP or UDP"),
        "If this host should serve something now, its share of the clients is refused.",
    );
    Some(finding.mend("ss --listening --numeric --processes --tcp --udp  # what does, and where"))
}

fn closed(
    sockets: &[Socket],
    expected: &ExpectedServer,
    transport: Transport,
    port: NonZeroU16,
) -> Option<Finding> {
    let option = match transport {
        Transport::Tcp => "--tcp",
        Transport::Udp => "--udp",
        // The kernel lists these elsewhere, and in another way.
        Transport::Sctp => return None,
    };
    let on_port = || {
        let of_port = sockets.iter().copied();
        of_port.filter(move |it| it.transport == transport && it.port == port.get())
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
        format!("nothing listens on {transport} port {port}{at}{elsewhere}"),
        "Its share of the clients is refused. The server that belongs there has to be started, or \
         told to listen on this address or on all.",
    );
    Some(finding.mend(format!(
        "ss --listening --numeric --processes {option} 'sport = {port}'  # what does, and where"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::kinds;

    fn check(listening: &[&str], port: Option<&str>) -> Vec<Finding> {
        let sockets = listening.iter().map(|address| Socket {
            transport: Transport::Tcp,
            address: address.parse().unwrap(),
            port: 80,
        });
        let view = HostView {
            sockets: Some(sockets.collect()),
            ..HostView::default()
        };
        let mut expected = ExpectedServer::direct("10.10.10.100".parse().unwrap());
        if let Some(port) = port {
            expected = expected.port(Transport::Tcp, port.parse().unwrap());
        }
        super::check(&view, &expected)
    }

    #[test]
    fn a_server_listens_on_the_vip_or_everywhere() {
        for address in ["10.10.10.100", "0.0.0.0", "::"] {
            assert_eq!(check(&[address], Some("80")), [], "{address}");
            assert_eq!(check(&[address], None), [], "{address}");
        }
        let elsewhere = check(&["10.10.10.12"], Some("80"));
        assert_eq!(kinds(&elsewhere), [FindingKind::PortClosed]);
        let said = "nothing listens on TCP port 80 of 10.10.10.100, only on 10.10.10.12";
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
    fn what_cannot_be_read_is_nothing_to_say_about() {
        let expected = ExpectedServer::direct("10.10.10.100".parse().unwrap());
        assert_eq!(super::check(&HostView::default(), &expected), []);
    }
}
