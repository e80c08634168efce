//! `doctor`: what it says of the site of the tutorials, with their mistakes and without.

pub(crate) mod at_once;
pub(crate) mod finding;
mod first_address;
mod masqueraded;
mod nobody;
mod pair;
mod ports;
mod quiet;
mod remedies;
mod segment;
mod silent;
pub(crate) mod traffic;
mod virtual_device;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::common::program::{as_nobody, done, refused, shown, typed};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;
use serde_json::Value;

fn site() -> Site {
    Site::new(&[
        ("director", "10.10.10.11/24"),
        ("nginx1", "10.10.10.12/24"),
        ("nginx2", "10.10.10.13/24"),
    ])
}

pub(crate) fn sh(host: &Netns, line: &str) -> String {
    host.enter(|| process::run("sh", &["-ec", line]))
}

/// The director's table, and nothing else.
fn services(director: &Netns) {
    let _ = process::output("modprobe", &["ip_vs"]);
    director.enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.12");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.13");
    });
}

fn web(host: &Netns) -> TcpListener {
    host.enter(|| TcpListener::bind("0.0.0.0:80").unwrap())
}

/// What is said of a host that is not as it should be.
#[track_caller]
fn found(host: &Netns, line: &str) -> String {
    let output = host.enter(|| typed(line, ""));
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (Some(3), ""),
        "{}",
        output.stdout
    );
    output.stdout
}

/// What is said of one that is, but for the last line: what was not checked.
#[track_caller]
fn healthy(host: &Netns, line: &str) -> String {
    let said = host.enter(|| shown(line));
    let Some((checked, _)) = said.split_once("not checked: ") else {
        panic!("{said}");
    };
    checked.to_owned()
}

/// What the doctor says that it has not looked at on a healthy host.
const LEFT_OUT_ON_DIRECTOR: &str =
    "not checked: firewalls; the real servers themselves (run ipvs-rs doctor there)\n";
const LEFT_OUT_ON_SERVER: &str =
    "not checked: firewalls; the director (run ipvs-rs doctor there)\n";

/// The kinds of problems and warnings, in order.
fn kinds(host: &Netns) -> Vec<String> {
    let output = host.enter(|| typed("doctor --output json", ""));
    assert_eq!(output.stderr, "");
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    let serious = findings.filter(|it| it["severity"] != "note");
    serious
        .map(|it| it["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// Every line that fixes something, in order, each once.
fn remedies(said: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    for line in said.lines().filter_map(|it| it.strip_prefix("    fix: ")) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The commands at the end for this host, as somebody selects them.
fn block(said: &str) -> &str {
    let (_, block) = said.split_once("\n# On this host, ").unwrap();
    let (block, _) = block.split_once("\n\n").unwrap();
    let (_, commands) = block.split_once('\n').unwrap();
    commands
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_mistakes_of_the_tutorials_are_found_with_how_clients_are_affected() {
    let site = site();
    let (director, nginx1) = (site.host("director"), site.host("nginx1"));
    services(director);
    let _web = web(nginx1);
    // As they are made: the VIP by a label, ARP settings where they have no effect, no host route.
    sh(
        director,
        "ip address add 10.10.10.100/24 dev eth0 label eth0:0",
    );
    sh(nginx1, "ip address add 10.10.10.100/32 dev lo label lo:0");
    let settings = "net.ipv4.conf.lo.arp_ignore=1 net.ipv4.conf.lo.arp_announce=2";
    sh(nginx1, &format!("sysctl -w {settings}"));

    let of_director = found(director, "doctor");
    let link = sh(nginx1, "ip -brief link show eth0");
    let mac = link.split_whitespace().nth(2).unwrap();
    assert_eq!(
        of_director,
        format!(
            "problem: the host {mac} on eth0 answers for 10.10.10.100, which this host has, too
    Some clients and routers send their packets there instead of here. If it is another director, only \
             one of the two may have the virtual IP. If it is a real server, run ipvs-rs doctor there: it \
             must not answer for the virtual IP.
1 problem
"
        )
    );
    // Nothing on the host says that the address on lo is a virtual IP.
    let of_nginx = found(nginx1, "doctor --vip 10.10.10.100");
    assert_eq!(
        of_nginx,
        "problem: eth0 answers ARP for 10.10.10.100: arp_ignore is set on lo, where it has no effect
    Some clients reach 10.10.10.12 directly instead of the director: they are not balanced, and when \
         this host is down they get no answer.
    fix: ipvs-rs real-server up --vip 10.10.10.100 --device eth0
problem: eth0 uses 10.10.10.100 as the source of its ARP requests: arp_announce is not 2
    Clients and routers that receive an ARP request from 10.10.10.12 learn that it has the VIP, and \
         bypass the director from then on.
    fix: ipvs-rs real-server up --vip 10.10.10.100 --device eth0
note: there is no route to 10.10.10.100 through lo
    Clients are not affected: the kernel finds the address in the local table, which it looks at first.
    fix: ip route replace 10.10.10.100 dev lo

# On this host, in this order:
ipvs-rs real-server up --vip 10.10.10.100 --device eth0
ip route replace 10.10.10.100 dev lo

2 problems, 1 note
"
    );

    // Typed line by line, or pasted as they are at the end.
    for line in remedies(&of_director) {
        sh(director, line);
    }
    sh(nginx1, block(&of_nginx));
    let checked = "healthy: checked as director for 10.10.10.100\n";
    assert_eq!(healthy(director, "doctor"), checked);
    let checked = "healthy: checked as real server for 10.10.10.100 (direct)\n";
    assert_eq!(healthy(nginx1, "doctor"), checked);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_the_program_set_up_is_healthy() {
    let site = site();
    let (director, nginx1) = (site.host("director"), site.host("nginx1"));
    services(director);
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    let _web = web(nginx1);
    assert_eq!(
        healthy(director, "doctor"),
        "healthy: checked as director for 10.10.10.100\n"
    );
    let checked = "healthy: checked as real server for 10.10.10.100 (direct)\n";
    for line in [
        "doctor",
        "doctor --real-server",
        "doctor --real-server --vip 10.10.10.100 --device eth0 --port 80",
    ] {
        assert_eq!(healthy(nginx1, line), checked, "{line}");
    }
    // From outside, as somebody would who manages containers.
    assert_eq!(
        shown("doctor --netns nginx1"),
        format!("{checked}{LEFT_OUT_ON_SERVER}")
    );
    let said = director.enter(|| shown("doctor"));
    assert!(said.ends_with(LEFT_OUT_ON_DIRECTOR), "{said}");
    // The one takes over from the other: it has the table of the director too.
    director.enter(|| shown("director down --vip 10.10.10.100/24 --device eth0"));
    services(nginx1);
    let both = "checked as director for 10.10.10.100 and as real server for 10.10.10.101 (direct)";
    nginx1.enter(|| shown("real-server down --vip 10.10.10.100 --device eth0"));
    nginx1.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    nginx1.enter(|| shown("real-server up --vip 10.10.10.101 --device eth0"));
    assert!(healthy(nginx1, "doctor").ends_with(&format!("{both}\n")));
}

/// Nobody has to say again how packets come, and to which addresses.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_a_host_was_set_up_as_need_not_be_said_again() {
    let site = site();
    let nginx1 = site.host("nginx1");
    let up = "ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --forward gue,port=6080";
    sh(nginx1, up);
    let _web = web(nginx1);
    let said = healthy(nginx1, "doctor");
    assert!(said.contains("10.10.10.100 (GUE on port 6080"), "{said}");
    sh(nginx1, &up.replace(" up ", " down "));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_that_was_set_up_and_has_no_services_is_told_so() {
    let site = site();
    let director = site.host("director");
    let up = "ipvs-rs director up --vip 10.10.10.100 --device eth0 --place dummy:ipvs0 --forward \
              masquerade --unannounced";
    sh(director, up);
    sh(director, "modprobe ip_vs");
    let said = found(director, "doctor");
    assert!(said.starts_with("problem: IPVS has no services"), "{said}");
    services(director);
    healthy(director, "doctor");
    sh(director, "ip address delete 10.10.10.100/32 dev ipvs0");
    let said = found(director, "doctor");
    let up_again = "ipvs-rs director up --vip 10.10.10.100/32 --device eth0 --place dummy:ipvs0 \
                  --forward masquerade --unannounced";
    assert_eq!(remedies(&said)[0], up_again, "{said}");
    assert_eq!(
        said.matches("is not an address of this host").count(),
        1,
        "{said}"
    );
    sh(director, up_again);
    sh(director, "sysctl -w net.ipv4.ip_forward=0");
    let said = found(director, "doctor");
    assert_eq!(remedies(&said)[0], "sysctl -w net.ipv4.ip_forward=1");
    sh(director, &up.replace(" up ", " down "));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn as_json_findings_are_a_list_with_codes() {
    let site = site();
    let director = site.host("director");
    services(director);
    let json: Value = serde_json::from_str(&found(director, "doctor --output json")).unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/doctor.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, block) = page.split_once("```json\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let documented: Value = serde_json::from_str(block).unwrap();
    assert_eq!(json["findings"][0], documented["findings"][0]);
    let nginx1 = site.host("nginx1");
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    let _web = web(nginx1);
    let json: Value =
        serde_json::from_str(&nginx1.enter(|| shown("doctor --output json"))).unwrap();
    let direct = serde_json::json!({
        "role": "real-server", "vips": ["10.10.10.100"], "forward": "direct", "tunnel": null, "director": null
    });
    assert_eq!(
        json,
        serde_json::json!({
            "checked_as": [direct], "findings": [], "not_checked": ["firewalls", "director"]
        })
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_that_is_neither_is_asked_what_it_should_be() {
    let site = site();
    let _ = process::output("modprobe", &["ip_vs"]);
    site.host("nginx1").enter(|| {
        refused(
            "doctor",
            "this host has no role to check: IPVS has no services, and the host was not set up as a \
             director or a real server. Name the role with --director, or with --vip ADDRESS if it \
             is a real server",
        );
        refused(
            "doctor --real-server",
            "this host was not set up as a real server: name the virtual IP that it should have with \
             --vip ADDRESS",
        );
        refused(
            "doctor --vip 10.10.10.100 --device eth9",
            "no such device: eth9; did you mean eth0?",
        );
        refused(
            "doctor --netns no-such-namespace",
            "no such network namespace: no-such-namespace",
        );
    });
    let nginx1 = site.host("nginx1");
    let said = found(nginx1, "doctor --director");
    assert!(
        said.starts_with("problem: IPVS has no services\n"),
        "{said}"
    );
    let said = found(nginx1, "doctor --vip 10.10.10.100 --port 80");
    let missing = "problem: 10.10.10.100 is not an address of this host\n";
    assert!(said.starts_with(missing), "{said}");
}

/// Routers have their identifier on lo; container networks have addresses on dummy devices.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_address_of_a_router_is_never_taken_for_a_vip() {
    let site = site();
    let (director, nginx1) = (site.host("director"), site.host("nginx1"));
    let router = "ip address add 192.0.2.79/32 dev lo; ip link set lo up
                  ip link add nodes type dummy; ip link set nodes up
                  ip address add 192.0.2.80/32 dev nodes";
    for host in [director, nginx1] {
        sh(host, router);
    }
    services(director);
    let _webs = [web(nginx1), web(site.host("nginx2"))];
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    nginx1.enter(|| {
        refused(
            "doctor",
            "this host has no role to check: IPVS has no services, and the host was not set up as a \
             director or a real server. Name the role with --director, or with --vip ADDRESS if it \
             is a real server. Perhaps a virtual IP: 192.0.2.79, 192.0.2.80",
        );
    });
    let said = healthy(director, "doctor");
    assert!(
        said.contains("note: 192.0.2.79 is on lo, as on a real server"),
        "{said}"
    );
    // A real server beside it is looked at, and the router's address is left alone.
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    sh(nginx1, "sysctl -w net.ipv4.conf.eth0.arp_ignore=0");
    let of_nginx = found(nginx1, "doctor");
    assert_eq!(
        remedies(&of_nginx),
        ["ipvs-rs real-server up --vip 10.10.10.100 --device eth0"]
    );
    for said in [said, of_nginx] {
        assert!(!said.contains("ip address delete"), "{said}");
        assert!(!said.contains("up --vip 192"), "{said}");
    }
    sh(
        nginx1,
        "ipvs-rs real-server down --vip 10.10.10.100 --device eth0",
    );
}

/// A host can be the real server of another director for a VIP that it balances itself.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_second_director_is_checked_as_the_real_server_that_it_is() {
    let site = site();
    let nginx1 = site.host("nginx1");
    services(nginx1);
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    sh(nginx1, "sysctl -w net.ipv4.conf.eth0.arp_announce=0");
    for line in ["doctor", "doctor --vip 10.10.10.100"] {
        let said = found(nginx1, line);
        assert!(said.contains("uses 10.10.10.100 as the source"), "{said}");
        let up = "ipvs-rs real-server up --vip 10.10.10.100 --device eth0";
        assert!(remedies(&said).contains(&up), "{said}");
    }
    sh(
        nginx1,
        "ipvs-rs real-server down --vip 10.10.10.100 --device eth0",
    );
}

/// Whoever names the VIP of an active director does not say that it is a real server.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_active_director_whose_vip_is_named_is_never_told_to_give_it_up() {
    let site = site();
    let director = site.host("director");
    services(director);
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    let said = said(director, "doctor --vip 10.10.10.100");
    assert!(!said.contains("ip address delete"), "{said}");
    assert!(!said.contains("real-server up"), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_active_director_that_is_called_a_real_server_is_never_told_to_give_the_vip_up() {
    let site = site();
    let director = site.host("director");
    services(director);
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    let said = found(director, "doctor --real-server --vip 10.10.10.100");
    assert!(said.contains("10.10.10.100 is on eth0"), "{said}");
    assert!(!said.contains("ip address delete"), "{said}");
    assert!(!said.contains("real-server up"), "{said}");
}

/// The kernel deletes the later addresses of a network with the first one.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_is_never_told_to_delete_a_vip_that_takes_its_own_address_along() {
    let site = site();
    let nginx1 = site.host("nginx1");
    let _web = web(nginx1);
    sh(
        nginx1,
        "ip address delete 10.10.10.12/24 dev eth0
         ip address add 10.10.10.100/24 dev eth0; ip address add 10.10.10.12/24 dev eth0",
    );
    let said = found(nginx1, "doctor --vip 10.10.10.100");
    assert!(said.contains("10.10.10.100 is on eth0"), "{said}");
    assert!(!said.contains("ip address delete"), "{said}");
}

/// What `director up` was told stays, whatever else is wrong.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_moved_does_not_lose_the_options_of_its_set_up() {
    let site = site();
    let director = site.host("director");
    services(director);
    let up = "director up --vip 10.10.10.100 --device eth0 --place dummy:ipvs0 --forward masquerade \
              --unannounced";
    director.enter(|| shown(up));
    sh(director, "sysctl -w net.ipv4.conf.all.arp_ignore=1");
    let said = found(director, "doctor");
    assert!(said.contains("no device answers ARP for it"), "{said}");
    let lines = remedies(&said);
    let ups: Vec<_> = lines
        .iter()
        .filter(|it| it.contains("director up"))
        .collect();
    assert_eq!(
        ups,
        [
            &"ipvs-rs director up --vip 10.10.10.100/32 --device eth0 --forward masquerade --unannounced"
        ],
        "{said}"
    );
    for line in lines {
        sh(director, line);
    }
    healthy(director, "doctor");
    assert_eq!(sh(director, "sysctl -n net.ipv4.ip_forward"), "1\n");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_ipvs_knows_is_looked_at_too() {
    let site = site();
    let director = site.host("director");
    let _ = process::output("modprobe", &["ip_vs"]);
    sh(director, "ip address add 10.10.20.11/24 dev eth0");
    for (server, address) in [("nginx1", "10.10.20.12"), ("nginx2", "10.10.20.13")] {
        let add = format!("ip address add {address}/24 dev eth0");
        sh(site.host(server), &add);
    }
    director.enter(|| {
        shown("director up --vip 10.10.10.100/24 --device eth0");
        done("add-service -t 10.10.10.100:80 -s none");
        done("add-service -t 10.10.10.100:443 -s rr -p 5m");
        done("add-destination -t 10.10.10.100:443 -r 10.10.20.12 -m");
        done("add-destination -t 10.10.10.100:443 -r 10.10.20.13:8443 -m -w 0");
        done("add-service -u 10.10.10.100:53 -s rr");
        done("add-service -f 7 -6 -s rr");
        done("start-sync master --interface eth0 --syncid 7");
        done("start-sync backup --interface eth0 --syncid 8");
        process::run("sysctl", &["-w", "net.ipv4.conf.eth0.forwarding=0"]);
    });
    let json: Value = serde_json::from_str(&found(director, "doctor --output json")).unwrap();
    let kinds = json["findings"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "scheduler_missing",
            "service_without_servers",
            "forwarding_off",
            "drained_server_keeps_clients",
            "deleted_server_keeps_clients",
            "sync_ids_differ",
        ]
    );
    let said = found(director, "doctor");
    for line in [
        "problem: tcp:10.10.10.100:80 has no scheduler",
        "    also: fwmark:7/ipv6 has no destination",
        "    fix: ipvs-rs add-destination -f 7 -6 -r ADDRESS",
    ] {
        assert!(said.lines().any(|said| said == line), "{line} in {said}");
    }
    for line in remedies(&said) {
        if !line.contains("ADDRESS") {
            sh(director, line);
        }
    }
    director.enter(|| {
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.12");
        done("delete-service -u 10.10.10.100:53");
        done("delete-service -f 7 -6");
        done("stop-sync backup");
    });
    let healthy = healthy(director, "doctor");
    assert_eq!(healthy, "healthy: checked as director for 10.10.10.100\n");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn whoever_may_not_read_ipvs_may_still_look_at_a_real_server() {
    let site = site();
    services(site.host("director"));
    let said = site.host("director").enter(|| as_nobody("doctor"));
    let denied = "error: managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)\n";
    assert_eq!((said.status, said.stderr.as_str()), (Some(1), denied));

    let nginx1 = site.host("nginx1");
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    let _web = web(nginx1);
    let said = nginx1.enter(|| as_nobody("doctor"));
    let checked = "healthy: checked as real server for 10.10.10.100 (direct)\n";
    assert!(said.stdout.starts_with(checked), "{}", said.stdout);
    assert_eq!(said.status, Some(0), "{}", said.stderr);
}

/// Lines are typed outside of the namespace that was examined.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_printed_lines_fix_a_host_in_a_namespace_from_outside() {
    let site = site();
    let nginx1 = site.host("nginx1");
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    let _web = web(nginx1);
    let delete = "ip address delete 10.10.10.100/32 dev lo";
    sh(
        nginx1,
        &format!("{delete}; ip address add 10.10.10.100/24 dev eth0"),
    );
    let said = typed("doctor --netns nginx1", "").stdout;
    let lines = remedies(&said);
    assert_eq!(
        lines,
        [
            "ip netns exec nginx1 ip address delete 10.10.10.100/24 dev eth0",
            "ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --netns nginx1",
        ]
    );
    for line in lines {
        process::run("sh", &["-ec", line]);
    }
    healthy(nginx1, "doctor");
}

/// Everything that is said of a host, whatever it is.
fn said(host: &Netns, line: &str) -> String {
    let output = host.enter(|| typed(line, ""));
    assert_eq!(output.stderr, "", "{}", output.stdout);
    output.stdout
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_second_director_that_is_a_real_server_is_never_told_to_take_the_vip() {
    let site = site();
    let nginx1 = site.host("nginx1");
    services(nginx1);
    let _web = web(nginx1);
    let set_by_hand = "sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2
                       ip address add 10.10.10.100/32 dev lo";
    let undone = "ip address delete 10.10.10.100/32 dev lo";
    sh(nginx1, set_by_hand);
    let by_hand = said(nginx1, "doctor");
    sh(nginx1, undone);
    nginx1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    let by_program = said(nginx1, "doctor");
    for said in [by_hand, by_program] {
        assert!(said.contains("note: 10.10.10.100 is on lo"), "{said}");
        for harm in ["ip address delete", "director up"] {
            assert!(!said.contains(harm), "{harm} in {said}");
        }
    }
    sh(
        nginx1,
        "ipvs-rs real-server down --vip 10.10.10.100 --device eth0",
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_on_the_loopback_address_never_costs_the_host_its_loopback() {
    let site = site();
    let director = site.host("director");
    let _ = process::output("modprobe", &["ip_vs"]);
    sh(director, "ip link set lo up");
    director.enter(|| {
        done("add-service -t 127.0.0.1:80 -s rr");
        done("add-destination -t 127.0.0.1:80 -r 10.10.10.12 -m");
    });
    let said = said(director, "doctor");
    assert!(!said.contains("ip address delete"), "{said}");
    assert!(!said.contains("director up"), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_standby_whose_keepalived_runs_in_another_namespace_is_never_told_to_take_the_vip() {
    let site = site();
    let director = site.host("director");
    services(director);
    let taken = "fix: ipvs-rs director up";
    assert!(said(director, "doctor").contains(taken));
    // The kernel knows a process by the name of its program.
    sh(director, "cp /bin/sleep /run/keepalived");
    let mut keepalived = site.host("nginx2").enter(|| {
        let mut program = std::process::Command::new("/run/keepalived");
        program.arg("600").spawn().unwrap()
    });
    let without_record = said(director, "doctor");
    sh(
        director,
        "ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --unannounced
         ip address delete 10.10.10.100/24 dev eth0",
    );
    let with_record = said(director, "doctor");
    keepalived.kill().unwrap();
    keepalived.wait().unwrap();
    for said in [without_record, with_record] {
        assert!(said.contains("which may be a standby"), "{said}");
        assert!(!said.contains(taken), "{said}");
    }
}
