//! `director` and `real-server`: what they say, and that `down` leaves nothing. What they do to a
//! network is proved by the tests of lbnet.

use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::program::{done, json, refused, shown, shown_for, typed};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::{DEVICE, Site};

/// Addresses, routes and the settings that are changed, as a host has them. Without IPv6, which
/// makes addresses of its own.
fn network() -> [String; 4] {
    let read = |key: &str| process::run("sysctl", &["-a", "-r", key]);
    [
        process::run("ip", &["-4", "address"]),
        process::run("ip", &["-4", "route", "show", "table", "all"]),
        read("net.ipv4.conf.*send_redirects"),
        read("net.ipv4.conf.*arp_(ignore|announce)"),
    ]
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_says_its_steps_twice_and_undoes_them() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let before = network();
        let set_up = format!("--vip 10.10.10.100/24 --device {DEVICE} --label {DEVICE}:0");
        let steps = shown(&format!("director up {set_up}"));
        let (steps, announced) = steps.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(
            steps,
            "set net.ipv4.conf.all.send_redirects = 0 (was 1)\n\
             set net.ipv4.conf.eth0.send_redirects = 0 (was 1)\n\
             added 10.10.10.100/24 to eth0 as eth0:0"
        );
        assert!(
            announced.starts_with("announced 10.10.10.100 on eth0 ("),
            "{announced}"
        );
        assert!(process::run("ip", &["address"]).contains("10.10.10.100/24"));

        let up = network();
        assert_eq!(
            shown(&format!("director up {set_up}")),
            "net.ipv4.conf.all.send_redirects = 0 already\n\
             net.ipv4.conf.eth0.send_redirects = 0 already\n\
             10.10.10.100/24 is on eth0 as eth0:0 already\n\
             did not announce 10.10.10.100 on eth0: this host had it already\n"
        );
        assert_eq!(
            json(&format!("director up {set_up}"))["steps"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
        assert_eq!(network(), up);

        assert_eq!(
            shown(&format!("director down {set_up}")),
            "deleted 10.10.10.100/24 from eth0\n\
             restored net.ipv4.conf.eth0.send_redirects = 1 (was 0)\n\
             restored net.ipv4.conf.all.send_redirects = 1 (was 0)\n"
        );
        assert_eq!(network(), before);
        assert_eq!(
            shown(&format!("director down {set_up}")),
            "nothing to undo: this host is not set up as director for 10.10.10.100 on eth0\n"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_says_its_steps_twice_and_undoes_them() {
    let site = Site::new(&[("nginx1", "10.10.10.12/24")]);
    // From outside, as somebody would who manages containers.
    let server = site.host("nginx1");
    let before = server.enter(network);
    let set_up = format!("--vip 10.10.10.100 --device {DEVICE} --netns nginx1");
    assert_eq!(
        shown(&format!("real-server up {set_up}")),
        "set net.ipv4.conf.eth0.arp_ignore = 1 (was 0)\n\
         set net.ipv4.conf.eth0.arp_announce = 2 (was 0)\n\
         added 10.10.10.100/32 to lo\n\
         added the route to 10.10.10.100 through lo\n"
    );
    let up = server.enter(network);
    assert_eq!(
        shown(&format!("real-server up {set_up}")),
        "net.ipv4.conf.eth0.arp_ignore = 1 already\n\
         net.ipv4.conf.eth0.arp_announce = 2 already\n\
         10.10.10.100/32 is on lo already\n\
         the route to 10.10.10.100 through lo exists already\n"
    );
    assert_eq!(server.enter(network), up);
    assert_ne!(up, before);
    assert_eq!(
        shown(&format!("real-server down {set_up}")),
        "deleted the route to 10.10.10.100 through lo\n\
         deleted 10.10.10.100/32 from lo\n\
         restored net.ipv4.conf.eth0.arp_announce = 0 (was 2)\n\
         restored net.ipv4.conf.eth0.arp_ignore = 0 (was 1)\n"
    );
    assert_eq!(server.enter(network), before);
}

/// As the units do at boot and at shutdown.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_file_has_services_directors_and_real_servers() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lb.toml");
    let text = "[[service]]\ntcp = \"10.10.10.100:80\"\nscheduler = \"rr\"\n\n\
        [[service.destination]]\naddress = \"10.10.10.12:80\"\nforward = \"direct\"\n\n\
        [director]\nvips = [\n  { address = \"10.10.10.100/24\", device = \"eth0\" },\n  \
        { address = \"10.10.10.101\", device = \"eth0\", forward = \"direct\", unannounced = true },\n]\n\n\
        [real-server]\nvips = [\"10.10.10.200\", \"10.10.10.201\"]\ndevice = \"eth0\"\n";
    std::fs::write(&file, text).unwrap();
    let file = file.display();
    site.host("director").enter(|| {
        let before = network();
        let restored = shown_for("restore", text);
        assert!(restored.contains("1 service"), "{restored}");
        shown(&format!("director up --file {file}"));
        let up = process::run("ip", &["-4", "address"]);
        assert!(up.contains("inet 10.10.10.100/24 "), "{up}");
        assert!(up.contains("10.10.10.101/32 scope global eth0"), "{up}");
        let steps = json(&format!("director up --file {file}"));
        assert_eq!(steps["steps"].as_array().unwrap().len(), 7);
        shown(&format!("real-server up --file {file}"));
        let up = process::run("ip", &["-4", "address"]);
        assert_eq!(up.matches("/32 scope host lo").count(), 2, "{up}");
        let saved = shown("save");
        let mut of_save = lbnet::File::parse(&saved).unwrap();
        of_save.table.timeouts = ipvs::Timeouts::default();
        assert_eq!(
            of_save,
            lbnet::File::parse(text).unwrap(),
            "a save does not lose what the host is set up for: {saved}"
        );
        shown_for("restore", &saved);
        shown(&format!("real-server down --file {file}"));
        shown(&format!("director down --file {file}"));
        let saved = shown("save");
        assert!(!saved.contains("vips"), "{saved}");
        assert_eq!(network(), before);
        done("flush --yes");
    });
}

/// As the units do: the file may say something else by now.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn all_that_was_set_up_in_a_role_is_undone_without_naming_it() {
    let site = Site::new(&[("web", "10.10.10.12/24")]);
    site.host("web").enter(|| {
        process::run("ip", &["address", "add", "10.10.10.102/32", "dev", "lo"]);
        let before = network();
        shown("director up --vip 10.10.10.100/24 --device eth0 --unannounced");
        let director = network();
        // The second VIP is somebody's, the settings for it are not.
        for vip in ["10.10.10.101", "10.10.10.102"] {
            shown(&format!("real-server up --vip {vip} --device eth0"));
        }
        let undone = shown("real-server down --all");
        assert!(
            undone.contains("deleted 10.10.10.101/32 from lo"),
            "{undone}"
        );
        assert_eq!(network(), director);
        shown("director down --all");
        assert_eq!(network(), before);
        assert_eq!(shown("director down --all"), "");
        let usage = typed("director down --all --vip 10.10.10.100/24", "");
        assert_eq!(usage.status, Some(2), "{}", usage.stderr);
    });
}

/// What was done before the one that could not be is said.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_several_vips_those_before_a_wrong_one_stay_and_are_printed() {
    let site = Site::new(&[("web", "10.10.10.12/24")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lb.toml");
    let text = "[real-server]\nvips = [\"10.10.10.100\", \"127.0.0.1\"]\ndevice = \"eth0\"\n";
    std::fs::write(&file, text).unwrap();
    site.host("web").enter(|| {
        let before = network();
        let up = typed(&format!("real-server up --file {}", file.display()), "");
        assert_eq!(up.status, Some(1));
        assert!(
            up.stdout.contains("added 10.10.10.100/32 to lo"),
            "{}",
            up.stdout
        );
        let why = "error: 127.0.0.1 cannot be a VIP: a loopback address never leaves the host\n";
        assert_eq!(up.stderr, why);
        shown(&format!("real-server down --file {}", file.display()));
        assert_eq!(network(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_or_a_label_that_cannot_be_is_named() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let before = network();
        refused(
            "director up --vip 10.10.10.100/24 --device eth9",
            "no such device: eth9; did you mean eth0?",
        );
        refused(
            "real-server up --vip 10.10.10.100 --device eth9",
            "no such device: eth9; did you mean eth0?",
        );
        refused(
            "director up --vip 10.10.10.100/24 --device eth0 --label sixteen-letters-",
            "label \"sixteen-letters-\" does not fit an address on eth0: a label has at most 15 \
             bytes",
        );
        refused(
            "director up --vip 10.10.10.100/24 --device eth0 --netns nowhere",
            "no such network namespace: nowhere",
        );
        done("timeouts --udp 5m");
        assert_eq!(network(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_another_host_has_is_named_and_not_taken_unless_it_is_claimed() {
    let site = Site::new(&[("first", "10.10.10.11/24"), ("second", "10.10.10.12/24")]);
    let mac = site.host("second").enter(|| {
        process::run("ip", &["address", "add", "10.10.10.101/24", "dev", DEVICE]);
        let link = process::run("ip", &["-brief", "link", "show", DEVICE]);
        link.split_whitespace().nth(2).unwrap().to_owned()
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lb.toml");
    let text = "[director]\nvips = [\n  { address = \"10.10.10.100/24\", device = \"eth0\" },\n  \
        { address = \"10.10.10.101/24\", device = \"eth0\" },\n]\n";
    std::fs::write(&file, text).unwrap();
    let up = format!("director up --file {}", file.display());
    site.host("first").enter(|| {
        let before = network();
        refused(
            &up,
            &format!(
                "10.10.10.101 is in use by the host {mac} on eth0: take it down there first, or take it \
                 over with --claim"
            ),
        );
        assert_eq!(network(), before);
        let steps = shown(&format!("{up} --claim"));
        assert!(steps.contains("added 10.10.10.101/24 to eth0\n"), "{steps}");
        let again = shown(&up);
        assert!(again.contains("10.10.10.101/24 is on eth0 already\n"), "{again}");
        shown("director down --all");
        assert_eq!(network(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_up_that_waits_has_announced_the_vip_three_times() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let steps = shown("director up --vip 10.10.10.100/24 --device eth0 --wait");
        assert!(steps.ends_with(" 3 times\n"), "{steps}");
        assert_eq!(shown("director announce"), "");
        shown("director down --all");
    });
}

/// The client is not connected when the first announcement is sent.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_failover_does_not_depend_on_the_first_announcement() {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("old", "10.10.10.11/24"),
        ("new", "10.10.10.12/24"),
    ]);
    let (client, old, new) = (site.host("client"), site.host("old"), site.host("new"));
    let set_up = "--vip 10.10.10.100/24 --device eth0";
    new.enter(|| {
        let known_by = |host: &Netns| {
            let entry = host.enter(|| process::run("ip", &["neighbour", "show", "10.10.10.100"]));
            entry.split_whitespace().nth(4).map(str::to_owned)
        };
        // The cable stays up: else the client would forget what it knows.
        let plug = |how: &[&str]| {
            process::run(
                "ip",
                &[&["-n", "switch", "link", "set", "client"], how].concat(),
            );
        };
        let mac = |host: &Netns| {
            let link = host.enter(|| process::run("ip", &["-brief", "link", "show", DEVICE]));
            link.split_whitespace().nth(2).map(str::to_owned)
        };
        old.enter(|| shown(&format!("director up {set_up} --wait")));
        client.enter(|| {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            socket.send_to(b"?", "10.10.10.100:9").unwrap();
        });
        while known_by(client) == Some("INCOMPLETE".to_owned()) {}
        assert_eq!(known_by(client), mac(old));
        old.enter(|| shown(&format!("director down {set_up}")));
        plug(&["nomaster"]);
        shown(&format!("director up {set_up} --claim"));
        assert_eq!(known_by(client), mac(old));
        plug(&["master", "bridge"]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while known_by(client) != mac(new) {
            assert!(Instant::now() < deadline, "{:?}", known_by(client));
            thread::sleep(Duration::from_millis(50));
        }
        shown("director down --all");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_terminal_shows_what_an_up_waits_for() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let up = "ipvs-rs director up --vip 10.10.10.100/24 --device eth0";
        let shown_by = |command: &str| {
            let output = process::output("script", &["-qec", command, "/dev/null"]);
            assert_eq!(output.status, Some(0), "{output:?}");
            output.stdout
        };
        let line = "asking whether another host has 10.10.10.100 on eth0 (at most 1.5 s)";
        let first = shown_by(up);
        assert!(first.contains(line), "{first}");
        // This host has it by now.
        let second = shown_by(up);
        assert!(!second.contains("asking"), "{second}");
        shown("director down --all");
    });
}
