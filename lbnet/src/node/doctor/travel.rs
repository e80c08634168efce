//! Whether clients' packets for a VIP get into a host, and replies out of it on the right way.

use std::net::IpAddr;

use super::{
    finding::{Finding, FindingKind},
    remedy::{Open, Remedy},
    view::{Client, Entrance, HostView, Passage},
};
use crate::{
    ConfTarget, DeviceName, IpPrefix, Ipv4Conf, PathAnswer, PathTo, Reach, Role, Rule, Sysctl,
};

/// The value of `rp_filter` with which a packet gets in if there is any route to its source.
const LOOSE: i64 = 2;

/// What is wrong with packets for a VIP that arrive as they are: not through a tunnel.
pub(super) fn arriving(view: &HostView, vip: IpAddr, role: Role) -> Vec<Finding> {
    each(view, vip, |passage| match &passage.arrival {
        PathAnswer::Filtered => Some(filtered(view, passage, role)),
        PathAnswer::Found(path) if path.reach == Reach::Local => None,
        _ => Some(not_received(view, passage, role)),
    })
}

/// What is wrong with replies of a real server.
pub(super) fn leaving(view: &HostView, vip: IpAddr) -> Vec<Finding> {
    each(view, vip, |passage| {
        // Packets that do not get in have no replies.
        let filtered = passage.arrival == PathAnswer::Filtered;
        if filtered { None } else { elsewhere(passage) }
    })
}

/// What is wrong with replies of a real server to packets that come out of a tunnel.
pub(super) fn leaving_by_tunnel(view: &HostView, vip: IpAddr) -> Vec<Finding> {
    each(view, vip, elsewhere)
}

/// The devices where clients' packets for VIPs should arrive.
pub(super) fn entrances<'a>(
    vip: IpAddr,
    devices: impl IntoIterator<Item = &'a DeviceName>,
) -> Vec<Entrance> {
    let devices = devices.into_iter();
    devices.map(|device| (vip, device.clone())).collect()
}

/// One finding for a device: the first.
fn each(view: &HostView, vip: IpAddr, check: impl Fn(&Passage) -> Option<Finding>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut devices: Vec<&DeviceName> = Vec::new();
    for passage in view.passages(vip) {
        if devices.contains(&&passage.device) {
            continue;
        }
        if let Some(finding) = check(passage) {
            devices.push(&passage.device);
            found.push(finding);
        }
    }
    found
}

fn filtered(view: &HostView, passage: &Passage, role: Role) -> Finding {
    let Passage { vip, device, .. } = passage;
    let way = match sent_out(&passage.reply) {
        Some(path) => format!("leave by {}", path.device),
        None => "have no route".to_owned(),
    };
    let said = format!(
        "rp_filter drops packets for {vip} that arrive on {device} from clients {}, because replies to \
         them would {way}",
        place(passage.client)
    );
    let kind = FindingKind::RpFilterDrops;
    let problem = || Finding::problem(kind, &said, dropped(role));
    match (rule_for_vip(passage), passage.client) {
        (Some(missing), _) => problem().fix(Remedy::AddRule(missing)),
        (None, Client::Near(..)) if sent_out(&passage.reply).is_some() => {
            let own = ConfTarget::Device(device.clone());
            let key = Sysctl::ipv4_conf(own, Ipv4Conf::RpFilter);
            problem().fix(Remedy::set(key, LOOSE))
        }
        (None, Client::Far(_)) if is_entered_nearby(view, passage) => Finding::note(
            kind,
            said,
            "If clients are only in the networks of this host, nothing is wrong. Others get no answer.",
        ),
        (None, _) => problem().fix(Remedy::Open(Open::AddRule(IpPrefix::host(*vip)))),
    }
}

/// The kernel has the address, but does not look for it where the packet arrives.
fn not_received(view: &HostView, passage: &Passage, role: Role) -> Finding {
    let Passage { vip, device, .. } = passage;
    let vrf = view.link(device).and_then(|link| view.vrf(link));
    let (why, what_works) = match vrf {
        Some(vrf) => (
            format!(
                "{device} belongs to the VRF {}, whose table does not have it",
                vrf.name
            ),
            format!(
                " Put the VIP on {} or on {device}, or let the rule for the local table be the first again.",
                vrf.name
            ),
        ),
        None => (
            "a rule leads to a table that does not have it".to_owned(),
            " Let the rule for the local table be the first again.".to_owned(),
        ),
    };
    Finding::problem(
        FindingKind::VipNotReceived,
        format!("this host does not accept packets for {vip} that arrive on {device}: {why}"),
        dropped(role).to_owned() + &what_works,
    )
}

fn elsewhere(passage: &Passage) -> Option<Finding> {
    let Passage { vip, device, .. } = passage;
    let rule = rule_for_vip(passage)?;
    let beside = passage.beside.as_ref()?;
    let said = match sent_out(&passage.reply) {
        Some(path) if path.device == *device => return None,
        Some(path) => format!(
            "replies from {vip} leave by {}, and those from {} by {device}",
            path.device, beside.address
        ),
        None => format!(
            "replies from {vip} have no route, and those from {} leave by {device}",
            beside.address
        ),
    };
    let finding = Finding::warning(
        FindingKind::RepliesLeaveElsewhere,
        said,
        "A rule routes replies from this host's own address, and none those from the VIP. Where the \
         network that they leave by does not accept that source, clients get no answer.",
    );
    Some(finding.fix(Remedy::AddRule(rule)))
}

/// The rule that routes replies of the VIP as those of another address of the device.
fn rule_for_vip(passage: &Passage) -> Option<Rule> {
    let beside = passage.beside.as_ref()?;
    let leads_there = sent_out(&beside.reply)?.device == passage.device;
    let rule = Rule {
        from: IpPrefix::host(passage.vip),
        ..beside.rule
    };
    leads_there.then_some(rule)
}

fn sent_out(answer: &PathAnswer) -> Option<&PathTo> {
    answer.found().filter(|path| path.reach == Reach::Remote)
}

/// Whether packets from the networks of the device get in.
fn is_entered_nearby(view: &HostView, passage: &Passage) -> bool {
    let mut all = view.passages(passage.vip);
    all.any(|it| {
        let is_local = |path: &PathTo| path.reach == Reach::Local;
        let is_near = matches!(it.client, Client::Near(_, network) if network.contains(it.vip));
        it.device == passage.device && is_near && it.arrival.found().is_some_and(is_local)
    })
}

fn place(client: Client) -> String {
    match client {
        Client::Near(_, network) => format!("in {network}"),
        Client::Far(_) => "behind routers".to_owned(),
    }
}

fn dropped(role: Role) -> &'static str {
    match role {
        Role::Director => "This host drops what these clients send: they get no answer.",
        Role::RealServer => {
            "This host drops the packets of these clients that the director sends: they get no answer \
             from this server."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{kinds, remedies},
        view::{
            Beside,
            tests::{address, link},
        },
    };

    const VIP: &str = "10.10.10.100";

    fn by(device: &str, reach: Reach) -> PathAnswer {
        PathAnswer::Found(PathTo {
            reach,
            device: device.parse().unwrap(),
            gateway: None,
            source: None,
            mtu: None,
        })
    }

    fn near() -> Client {
        Client::Near(
            "10.10.10.1".parse().unwrap(),
            "10.10.10.0/24".parse().unwrap(),
        )
    }

    fn far() -> Client {
        Client::Far("198.51.100.1".parse().unwrap())
    }

    fn passage(client: Client, arrival: PathAnswer, reply: PathAnswer) -> Passage {
        Passage {
            vip: VIP.parse().unwrap(),
            device: "eth0".parse().unwrap(),
            client,
            arrival,
            reply,
            beside: None,
        }
    }

    fn view(passages: Vec<Passage>) -> HostView {
        HostView {
            links: vec![link(2, "eth0"), link(3, "eth1")],
            addresses: vec![address("10.10.10.12/24", "eth0")],
            passages,
            ..HostView::default()
        }
    }

    fn arriving(passages: Vec<Passage>) -> Vec<Finding> {
        super::arriving(&view(passages), VIP.parse().unwrap(), Role::RealServer)
    }

    fn ruled(mut passage: Passage) -> Passage {
        passage.beside = Some(Beside {
            address: "10.10.10.12".parse().unwrap(),
            rule: Rule::new("10.10.10.0/28".parse().unwrap(), 100).priority(7),
            reply: by("eth0", Reach::Remote),
        });
        passage
    }

    #[test]
    fn what_gets_in_and_leaves_by_any_device_is_well() {
        let local = || by("lo", Reach::Local);
        let passages = vec![
            passage(near(), local(), by("eth0", Reach::Remote)),
            passage(far(), local(), by("eth1", Reach::Remote)),
        ];
        assert_eq!(arriving(passages.clone()), []);
        assert_eq!(leaving(&view(passages), VIP.parse().unwrap()), []);
    }

    #[test]
    fn the_vip_gets_the_rule_that_another_address_of_the_device_has() {
        let rule = ["add the rule from 10.10.10.100/32 lookup 100"];
        let away = || by("eth1", Reach::Remote);
        let filtered = ruled(passage(far(), PathAnswer::Filtered, away()));
        assert_eq!(remedies(&arriving(vec![filtered.clone()])), rule);
        assert_eq!(leaving(&view(vec![filtered]), VIP.parse().unwrap()), []);
        let accepted = ruled(passage(far(), by("lo", Reach::Local), away()));
        let left = leaving(&view(vec![accepted]), VIP.parse().unwrap());
        assert_eq!(kinds(&left), [FindingKind::RepliesLeaveElsewhere]);
        assert_eq!(remedies(&left), rule);
    }

    #[test]
    fn a_neighbour_behind_a_second_device_needs_a_loose_filter() {
        let away = by("eth1", Reach::Remote);
        let findings = arriving(vec![passage(near(), PathAnswer::Filtered, away)]);
        let loose = ["set net.ipv4.conf.eth0.rp_filter to 2"];
        assert_eq!(remedies(&findings), loose);
    }

    #[test]
    fn clients_behind_routers_may_not_exist_where_neighbours_get_in() {
        let entered = passage(near(), by("lo", Reach::Local), by("eth0", Reach::Remote));
        let filtered = || passage(far(), PathAnswer::Filtered, by("eth1", Reach::Remote));
        let findings = arriving(vec![entered, filtered()]);
        assert_eq!(findings[0].severity, Severity::Note);
        let open = Open::AddRule(IpPrefix::host(VIP.parse().unwrap()));
        let alone = arriving(vec![filtered()]);
        assert_eq!(alone[0].severity, Severity::Problem);
        assert_eq!(alone[0].remedies, [Remedy::Open(open)]);
    }

    #[test]
    fn an_address_that_no_table_of_the_device_has_is_not_received() {
        let findings = arriving(vec![passage(
            near(),
            PathAnswer::Unreachable,
            by("eth0", Reach::Remote),
        )]);
        assert_eq!(kinds(&findings), [FindingKind::VipNotReceived]);
    }
}
