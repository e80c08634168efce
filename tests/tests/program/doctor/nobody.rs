//! A VIP that another host answers for.

use super::traffic::{serve, served};
use super::{found, kinds, remedies, sh};
use crate::common::program::{done, shown};
use ipvs_lab::process;
use ipvs_lab::site::Site;

pub(super) const VIP: &str = "10.10.10.100:80";

/// A director with two real servers.
pub(super) fn site() -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("web1", "10.10.10.12/24"),
        ("web2", "10.10.10.13/24"),
    ]);
    let _ = process::output("modprobe", &["ip_vs"]);
    for name in ["web1", "web2"] {
        let host = site.host(name);
        host.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
        serve(host, name, 80);
    }
    site.host("director").enter(|| {
        done(&format!("add-service -t {VIP} -s rr"));
        done(&format!("add-destination -t {VIP} -r 10.10.10.12"));
        done(&format!("add-destination -t {VIP} -r 10.10.10.13"));
        shown("director up --vip 10.10.10.100/24 --device eth0");
    });
    site
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_that_is_never_served_does_not_look_healthy() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    let odd = ["0.0.0.0:80", "224.0.0.7:80", "255.255.255.255:80"];
    director.enter(|| {
        for address in odd {
            done(&format!("add-service -t {address} -s rr --force"));
            done(&format!("add-destination -t {address} -r 10.10.10.12"));
        }
    });
    assert_eq!(kinds(director), ["service_never_served"]);
    let said = found(director, "doctor");
    for address in odd {
        let named = format!(": tcp:{address} is never served: ");
        assert!(said.contains(&named), "{said}");
    }
    let first = ": tcp:0.0.0.0:80 is never served: no packet has this destination address; name \
                 the virtual IP, or use a firewall mark for many addresses\n";
    assert!(said.contains(first), "{said}");
    assert!(!said.contains("delete-service"), "{said}");
    // The others go on.
    assert_eq!(served(client, VIP, 4), 4);
    director.enter(|| {
        for address in odd {
            done(&format!("delete-service -t {address}"));
        }
    });
    assert_eq!(kinds(director), [""; 0]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_that_answers_for_the_vip_of_a_director_is_named() {
    let site = site();
    let (client, director, web1) = (
        site.host("client"),
        site.host("director"),
        site.host("web1"),
    );
    assert_eq!(kinds(director), [""; 0]);
    sh(web1, "sysctl -w net.ipv4.conf.eth0.arp_ignore=0");
    assert_eq!(kinds(director), ["vip_taken"]);
    let link = sh(web1, "ip -brief link show eth0");
    let mac = link.split_whitespace().nth(2).unwrap();
    let said = found(director, "doctor");
    let problem = format!("problem: the host {mac} on eth0 answers for 10.10.10.100");
    assert!(said.starts_with(&problem), "{said}");
    // There, the doctor says what to do.
    for line in remedies(&found(web1, "doctor")) {
        sh(web1, line);
    }
    assert_eq!(kinds(director), [""; 0]);
    assert_eq!(served(client, VIP, 4), 4);
}
