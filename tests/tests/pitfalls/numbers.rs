//! Numbers that others print with a sign, read backwards, or take for something else.

use ipvs::{Family, Netmask, Persistence, Scheduler, Service, ServiceId};
use ipvs_lab::in_namespace;

use crate::common::program::{done, json, refused, shown, shown_for};
use crate::common::{client, endpoint, mark, read, saved, seconds};

/// Marks around the highest bit.
const MARKS: [u32; 4] = [0x7fff_ffff, 0x8000_0000, 0x8000_0001, u32::MAX];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_mark_above_2_to_the_31_is_not_negative() {
    in_namespace(|| {
        let services = MARKS.map(|number| format!("-f {number}"));
        for service in &services {
            done(&format!("add-service {service} -s rr"));
        }
        for (service, number) in services.iter().zip(MARKS) {
            refused(
                &format!("delete-service {service} -6"),
                &format!("no such service: fwmark:{number}/ipv6"),
            );
        }
        let marks = json("list")["services"].as_array().unwrap().clone();
        let marks: Vec<_> = marks.iter().map(|service| &service["fwmark"]).collect();
        assert_eq!(marks, MARKS);
        let listed = shown("list");
        for number in MARKS {
            assert!(listed.contains(&format!("FWM {number} ")), "{listed}");
        }

        // ipvsadm prints three of them as negative numbers; we read those, and write others.
        let theirs = saved();
        assert!(theirs.contains("-A -f -1 -s rr"), "{theirs}");
        let (toml, rules) = (shown("save"), shown("save --format ipvsadm"));
        for number in MARKS {
            assert!(toml.contains(&format!("fwmark = {number}\n")), "{toml}");
            assert!(rules.contains(&format!("-A -f {number} ")), "{rules}");
        }
        for (format, text) in [("toml", &toml), ("ipvsadm", &rules), ("ipvsadm", &theirs)] {
            done("flush --yes");
            shown_for(&format!("restore --format {format}"), text);
            assert_eq!(saved(), theirs, "{text}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_netmask_is_taken_for_another() {
    in_namespace(|| {
        let mut ipvs = client();
        let v4 = ServiceId::tcp(endpoint("192.0.2.10:80"));
        let v6 = ServiceId::tcp(endpoint("[2001:db8::10]:80"));
        for id in [v4, v6] {
            ipvs.add_service(&Service::new(id).persistent(seconds(50)))
                .unwrap();
        }
        let v4_masks = (1..32).map(|length| Netmask::Ipv4((!(u32::MAX >> length)).into()));
        let v6_masks = (1..128).map(Netmask::Ipv6);
        let v4_masks = v4_masks.map(|mask| (v4, mask));
        for (id, mask) in v4_masks.chain(v6_masks.map(|mask| (v6, mask))) {
            let persistence = Persistence::new(seconds(50)).netmask(mask);
            let masked = Service::new(id).persistent(persistence);
            ipvs.update_service(&masked).unwrap();
            assert_eq!(read(&mut ipvs, id), masked);
            // A witness for some of them: its start takes longer than all of the others.
            let (shown, is_asked) = match mask {
                Netmask::Ipv4(mask) => (format!("-M {mask}"), mask.octets()[3] == 0x80),
                Netmask::Ipv6(length) => (format!("-M {length}"), length % 16 == 1),
            };
            if is_asked {
                let table = saved();
                assert!(
                    table.lines().any(|line| line.ends_with(&shown)),
                    "{shown}: {table}"
                );
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_name_of_fifteen_letters_is_not_cut() {
    in_namespace(|| {
        let name = "fifteen-letters";
        let message = format!("scheduler \"{name}\" is not in this kernel");
        refused(&format!("add-service -t 192.0.2.10:80 -s {name}"), &message);
        let scheduler: Scheduler = name.parse().unwrap();
        let service = Service::fwmark(mark(7), Family::Ipv4).persistent(seconds(60));
        let service = service.persistence_engine(name.parse().unwrap());
        let error = client()
            .add_service(&service.scheduler(scheduler))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("scheduler \"{name}\" or persistence engine \"{name}\" is not in this kernel")
        );
        assert_eq!(saved(), "");
    });
}
