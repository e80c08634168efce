//! Services that the kernel takes and never serves.

use ipvs_lab::in_namespace;

use crate::common::program::{as_nobody, done, json, refused, refused_for, shown_for, typed};
use crate::common::saved;

const UNSPECIFIED: &str = "is never served: no packet has this destination address; name the \
                           virtual IP, or use a firewall mark for many addresses";
const MULTICAST: &str = "is never served: IPVS does not handle multicast packets from the network; \
                         name a unicast address";
const BROADCAST: &str = "is never served: IPVS does not handle broadcast packets from the network; \
                         name a unicast address";
const MAPPED: &str = "is never served: clients send IPv4 packets to this address; name 192.0.2.10";
const NO_UDP: &str = "is never served: persistence engine sip accepts only UDP; remove the engine";
const IDLE: &str = "does not use persistence engine sip: it is not persistent; add persistence, or \
                    remove the engine";

/// What is typed, what the service is called, and why it is refused.
const INEFFECTIVE: [(&str, &str, &str); 9] = [
    ("-t 0.0.0.0:80", "tcp:0.0.0.0:80", UNSPECIFIED),
    ("-t 0.0.0.0 -p", "tcp:0.0.0.0:0", UNSPECIFIED),
    ("-u [::]:53", "udp:[::]:53", UNSPECIFIED),
    (
        "-u 239.255.255.250:1900",
        "udp:239.255.255.250:1900",
        MULTICAST,
    ),
    ("-u [ff02::1]:53", "udp:[ff02::1]:53", MULTICAST),
    ("-u 255.255.255.255:67", "udp:255.255.255.255:67", BROADCAST),
    (
        "-t [::ffff:192.0.2.10]:80",
        "tcp:[::ffff:192.0.2.10]:80",
        MAPPED,
    ),
    (
        "-t 192.0.2.10:5060 -p 60 --pe sip",
        "tcp:192.0.2.10:5060",
        NO_UDP,
    ),
    ("-u 192.0.2.10:5060 --pe sip", "udp:192.0.2.10:5060", IDLE),
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_that_is_never_served_is_not_added_without_force() {
    in_namespace(|| {
        for (service, name, reason) in INEFFECTIVE {
            refused(
                &format!("add-service {service}"),
                &format!("service {name} {reason} (--force adds it nevertheless)"),
            );
        }
        for (service, ..) in INEFFECTIVE {
            done(&format!("add-service {service} --force"));
        }
        assert_eq!(saved().lines().count(), INEFFECTIVE.len());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_does_not_leave_an_engine_without_persistence() {
    in_namespace(|| {
        done("add-service -u 192.0.2.10:5060 -s rr");
        done("add-service -u 192.0.2.10:5061 -s rr -p 60 --pe sip");
        for (edit, port) in [
            ("-u 192.0.2.10:5060 --pe sip", 5060),
            ("-u 192.0.2.10:5061 --no-persistence", 5061),
        ] {
            refused(
                &format!("edit-service {edit}"),
                &format!("service udp:192.0.2.10:{port} {IDLE} (--force adds it nevertheless)"),
            );
        }
        done("edit-service -u 192.0.2.10:5060 --pe sip --force");
        // What was so before does not stand in the way of another change.
        done("edit-service -u 192.0.2.10:5060 -s wrr");
        done("edit-service -u 192.0.2.10:5061 --no-persistence --no-pe");
        let mut now: Vec<_> = saved().lines().map(str::to_owned).collect();
        now.sort();
        assert_eq!(
            now,
            [
                "-A -u 192.0.2.10:5060 -s wrr --pe sip",
                "-A -u 192.0.2.10:5061 -s rr",
            ]
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_does_not_hide_that_a_service_is_never_served() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s rr");
        done("add-service -t 0.0.0.0:80 -s rr --force");
        done("add-service -u 192.0.2.10:5060 -s rr --pe sip --force");
        let listed = typed("list", "");
        assert_eq!(listed.status, Some(0));
        assert_eq!(
            listed.stderr,
            format!(
                "note: service tcp:0.0.0.0:80 {UNSPECIFIED}\nnote: service udp:192.0.2.10:5060 {IDLE}\n"
            )
        );
        let marked = |text: &str| {
            let rows = text.lines().filter(|row| row.ends_with("never served"));
            rows.map(str::to_owned).collect::<Vec<_>>()
        };
        let rows = marked(&listed.stdout);
        assert_eq!(rows.len(), 1, "{}", listed.stdout);
        assert!(rows[0].starts_with("TCP 0.0.0.0:80 "), "{rows:?}");

        let services = json("list")["services"].as_array().unwrap().clone();
        let reasons: Vec<_> = services
            .iter()
            .map(|it| it["ineffective"].clone())
            .collect();
        let reason = |reason: &str, served: bool, message: &str| serde_json::json!({ "reason": reason, "served": served, "message": message });
        assert_eq!(
            reasons,
            [
                reason("unspecified-address", false, UNSPECIFIED),
                serde_json::Value::Null,
                reason("engine-needs-persistence", true, IDLE),
            ]
        );

        let listed = as_nobody("list");
        assert!(
            listed
                .stderr
                .ends_with(&format!("note: service tcp:0.0.0.0:80 {UNSPECIFIED}\n")),
            "{}",
            listed.stderr
        );
        assert_eq!(marked(&listed.stdout).len(), 1, "{}", listed.stdout);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn rules_for_a_service_that_is_never_served_are_not_restored_without_force() {
    in_namespace(|| {
        for (service, ..) in INEFFECTIVE {
            done(&format!("add-service {service} -s rr --force"));
        }
        let before = saved();
        for format in ["toml", "json", "ipvsadm"] {
            let rules = shown_for(&format!("save --format {format}"), "");
            done("flush --yes");
            refused_for(
                &format!("restore --format {format}"),
                &rules,
                &format!("service tcp:0.0.0.0:0 {UNSPECIFIED} (--force adds it nevertheless)"),
            );
            refused_for(
                &format!("restore --dry-run --format {format}"),
                &rules,
                &format!("service tcp:0.0.0.0:0 {UNSPECIFIED} (--force adds it nevertheless)"),
            );
            let restored = shown_for(&format!("restore --force --format {format}"), &rules);
            assert!(restored.contains("\nrestored 9 services"), "{restored}");
            let sorted = |text: &str| {
                let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&saved()), sorted(&before));
        }
    });
}
