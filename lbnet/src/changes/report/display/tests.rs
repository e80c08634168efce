use crate::{
    Address, AddressScope, Announced, AnnouncementOutcome, ConfTarget, DeviceName, Effect,
    HostRoute, Ipv4Conf, MacAddress, ObjectOutcome, Role, SetUpId, Step, Sysctl, SysctlOutcome,
};

fn eth0() -> DeviceName {
    "eth0".parse().unwrap()
}

fn set_up_id() -> SetUpId {
    SetUpId {
        role: Role::RealServer,
        vip: "10.10.10.101".parse().unwrap(),
        device: eth0(),
    }
}

#[track_caller]
fn says(step: &Step, effect: Effect, line: &str) {
    assert_eq!(step.to_string(), line);
    assert_eq!(step.effect(), effect);
}

#[test]
fn a_vip_that_gets_no_network_says_why() {
    let step = Step::AddedAlone {
        vip: "10.10.10.100/24".parse().unwrap(),
        device: eth0(),
    };
    let line = "10.10.10.100 gets the prefix /32, not /24: eth0 has no permanent address of this host \
                in 10.10.10.0/24, so the VIP would be the source of packets to real servers, which \
                do not answer it";
    says(&step, Effect::LeftAlone, line);
}

#[test]
fn steps_about_addresses_read_like_sentences() {
    let vip = Address::new("10.10.10.100/24".parse().unwrap(), eth0()).label("eth0:0");
    let line = |outcome, effect, line| {
        says(
            &Step::Address {
                address: vip.clone(),
                outcome,
            },
            effect,
            line,
        );
    };
    line(
        ObjectOutcome::Added,
        Effect::Changed,
        "added 10.10.10.100/24 to eth0 as eth0:0",
    );
    line(
        ObjectOutcome::AlreadyExists,
        Effect::Unchanged,
        "10.10.10.100/24 is on eth0 as eth0:0 already",
    );
    line(
        ObjectOutcome::Deleted,
        Effect::Changed,
        "deleted 10.10.10.100/24 from eth0",
    );
    line(
        ObjectOutcome::AlreadyGone,
        Effect::Unchanged,
        "10.10.10.100/24 is gone from eth0 already",
    );
    line(
        ObjectOutcome::AddedByOthers,
        Effect::LeftAlone,
        "left 10.10.10.100/24 on eth0 as eth0:0: it was not added by a set-up",
    );
    line(
        ObjectOutcome::StillNeeded { by: set_up_id() },
        Effect::LeftAlone,
        "left 10.10.10.100/24 on eth0 as eth0:0: the real server for 10.10.10.101 on eth0 needs it",
    );
}

#[test]
fn an_address_without_a_label_is_named_without_one() {
    let lo = DeviceName::loopback();
    let vip = Address::new("10.10.10.100/32".parse().unwrap(), lo).scope(AddressScope::Host);
    let step = Step::Address {
        address: vip,
        outcome: ObjectOutcome::AlreadyExists,
    };
    says(&step, Effect::Unchanged, "10.10.10.100/32 is on lo already");
}

#[test]
fn steps_about_routes_name_both_ends() {
    let route = HostRoute::new("10.10.10.100".parse().unwrap(), DeviceName::loopback());
    let step = Step::Route {
        route: route.clone(),
        outcome: ObjectOutcome::Added,
    };
    says(
        &step,
        Effect::Changed,
        "added the route to 10.10.10.100 through lo",
    );
    let step = Step::Route {
        route,
        outcome: ObjectOutcome::AlreadyExists,
    };
    says(
        &step,
        Effect::Unchanged,
        "the route to 10.10.10.100 through lo exists already",
    );
}

#[test]
fn steps_about_settings_say_what_was_there() {
    let key = Sysctl::ipv4_conf(ConfTarget::Device(eth0()), Ipv4Conf::ArpIgnore);
    let line = |outcome, effect, line| {
        says(
            &Step::Sysctl {
                key: key.clone(),
                outcome,
            },
            effect,
            line,
        );
    };
    line(
        SysctlOutcome::Set { value: 1, was: 0 },
        Effect::Changed,
        "set net.ipv4.conf.eth0.arp_ignore = 1 (was 0)",
    );
    line(
        SysctlOutcome::AlreadySet { value: 1 },
        Effect::Unchanged,
        "net.ipv4.conf.eth0.arp_ignore = 1 already",
    );
    line(
        SysctlOutcome::Restored { value: 0, was: 1 },
        Effect::Changed,
        "restored net.ipv4.conf.eth0.arp_ignore = 0 (was 1)",
    );
    line(
        SysctlOutcome::AlreadyRestored { value: 0 },
        Effect::Unchanged,
        "net.ipv4.conf.eth0.arp_ignore is back at 0 already",
    );
    line(
        SysctlOutcome::AlreadyGone,
        Effect::Unchanged,
        "net.ipv4.conf.eth0.arp_ignore is gone already",
    );
    line(
        SysctlOutcome::ChangedByOthers {
            value: 2,
            set_to: 1,
            was: 0,
        },
        Effect::LeftAlone,
        "left net.ipv4.conf.eth0.arp_ignore = 2: it has been changed since it was set to 1 (it was \
         0 before)",
    );
    line(
        SysctlOutcome::StillNeeded {
            value: 1,
            by: set_up_id(),
        },
        Effect::LeftAlone,
        "left net.ipv4.conf.eth0.arp_ignore = 1: the real server for 10.10.10.101 on eth0 needs it",
    );
}

#[test]
fn announcements_say_who_was_announced_or_why_not() {
    let line = |outcome, effect, line| {
        let vip = "10.10.10.100".parse().unwrap();
        says(
            &Step::Announcement {
                vip,
                device: eth0(),
                outcome,
            },
            effect,
            line,
        );
    };
    let mac = MacAddress([0xaa, 0xbb, 0xcc, 0, 1, 2]);
    line(
        AnnouncementOutcome::Announced(Announced {
            mac,
            rounds: 3,
            left: 0,
        }),
        Effect::Changed,
        "announced 10.10.10.100 on eth0 (aa:bb:cc:00:01:02) 3 times",
    );
    line(
        AnnouncementOutcome::Announced(Announced {
            mac,
            rounds: 1,
            left: 2,
        }),
        Effect::Changed,
        "announced 10.10.10.100 on eth0 (aa:bb:cc:00:01:02) 1 time, 2 more to follow",
    );
    line(
        AnnouncementOutcome::LinkDown,
        Effect::LeftAlone,
        "did not announce 10.10.10.100 on eth0: the device is down",
    );
}

#[test]
fn steps_are_flat_objects_in_json() {
    let key = Sysctl::ipv4_conf(ConfTarget::All, Ipv4Conf::SendRedirects);
    let step = Step::Sysctl {
        key,
        outcome: SysctlOutcome::Set { value: 0, was: 1 },
    };
    assert_eq!(
        serde_json::to_string(&step).unwrap(),
        r#"{"subject":"sysctl","key":"net.ipv4.conf.all.send_redirects","outcome":"set","value":0,"was":1}"#
    );
}
