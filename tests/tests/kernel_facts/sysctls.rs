//! `net.ipv4.vs.*`: which there are, what they hold at first, and what they take.

use std::fs;
use std::io;

use ipvs_lab::in_namespace;
use ipvs_lab::process::{output, run};
use ipvs_sys::Errno;

use crate::common::traffic::eventually;

const FOLDER: &str = "/proc/sys/net/ipv4/vs";

/// Those that take any number, with what they hold in a new namespace.
const ANY: &[(&str, i32)] = &[
    ("am_droprate", 10),
    ("amemthresh", 1024),
    ("backup_only", 0),
    ("cache_bypass", 0),
    ("conn_reuse_mode", 1),
    ("expire_nodest_conn", 0),
    ("expire_quiescent_template", 0),
    ("ignore_tunneled", 0),
    ("nat_icmp_send", 0),
    ("pmtu_disc", 1),
    ("run_estimation", 1),
    ("schedule_icmp", 0),
    ("sloppy_sctp", 0),
    ("sloppy_tcp", 0),
    ("snat_reroute", 1),
    ("sync_persist_mode", 0),
    ("sync_sock_size", 0),
];

/// Off, by itself and waiting, by itself and at work, always.
const MODES: &[&str] = &["drop_entry", "drop_packet", "secure_tcp"];

fn get(name: &str) -> String {
    fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

fn set(name: &str, value: &str) -> io::Result<()> {
    fs::write(format!("{FOLDER}/{name}"), value)
}

#[track_caller]
fn is_taken(name: &str, value: &str, then: &str) {
    set(name, value).unwrap_or_else(|error| panic!("{name} = {value}: {error}"));
    assert_eq!(get(name), format!("{then}\n"), "{name} = {value}");
}

/// Refused as invalid, and left as it was.
#[track_caller]
fn is_refused(name: &str, value: &str) {
    let before = get(name);
    let refused = set(name, value).map_err(|error| error.raw_os_error());
    assert_eq!(refused, Err(Some(Errno::EINVAL as i32)), "{name} = {value}");
    assert_eq!(get(name), before, "{name} = {value}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_new_namespace_has_the_defaults_whatever_the_old_one_has() {
    in_namespace(|| {
        for (name, _) in ANY {
            set(name, "77").unwrap();
        }
        for name in MODES {
            set(name, "3").unwrap();
        }
        set("sync_threshold", "7 77").unwrap();
        set("sync_version", "0").unwrap();
        in_namespace(|| {
            for (name, default) in ANY {
                assert_eq!(get(name), format!("{default}\n"), "{name}");
            }
            let rest = MODES.iter().map(|name| (*name, "0\n"));
            for (name, default) in rest.chain([
                ("sync_refresh_period", "0\n"),
                ("sync_threshold", "3\t50\n"),
                ("sync_version", "1\n"),
                ("sync_ports", "1\n"),
                ("sync_retries", "0\n"),
            ]) {
                assert_eq!(get(name), default, "{name}");
            }
        });
        assert_eq!(get("sync_threshold"), "7\t77\n");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn most_take_any_number_even_where_they_only_mean_yes_or_no() {
    in_namespace(|| {
        for (name, _) in ANY {
            for value in ["-1", "5", "-2147483648", "2147483647"] {
                is_taken(name, value, value);
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_no_number_or_does_not_fit_is_refused() {
    in_namespace(|| {
        let names = ANY.iter().map(|(name, _)| *name);
        for name in names.chain(MODES.iter().copied()) {
            for value in ["yes", "2147483648", "-2147483649"] {
                is_refused(name, value);
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_mode_is_0_to_3() {
    in_namespace(|| {
        for name in MODES {
            is_taken(name, "3", "3");
            is_refused(name, "4");
            is_refused(name, "-1");
            is_taken(name, "0", "0");
        }
    });
}

/// 1 becomes 2 as soon as there is less memory than `amemthresh` pages, and 2 becomes 1 when there
/// is more.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_kernel_switches_a_mode_between_1_and_2_by_itself() {
    in_namespace(|| {
        for name in MODES {
            set(name, "2").unwrap();
        }
        let modes = || MODES.iter().map(|name| get(name)).collect::<Vec<_>>();
        let calm = eventually(modes, |modes| modes.iter().all(|mode| mode == "1\n"));
        assert_eq!(calm, ["1\n"; 3]);
        set("amemthresh", "2147483647").unwrap();
        let alarmed = eventually(modes, |modes| modes.iter().all(|mode| mode == "2\n"));
        assert_eq!(alarmed, ["2\n"; 3]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_threshold_is_less_than_its_period_unless_that_is_0() {
    in_namespace(|| {
        let name = "sync_threshold";
        is_taken(name, "5 60", "5\t60");
        is_taken(name, "0 1", "0\t1");
        is_taken(name, "7 0", "7\t0");
        is_taken(name, "0 0", "0\t0");
        is_taken(name, "3 50", "3\t50");
        for value in ["50 50", "51 50", "-1 50", "3 -1", "x 50"] {
            is_refused(name, value);
        }
        // One number is the threshold.
        is_taken(name, "49", "49\t50");
        is_refused(name, "50");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_about_the_sync_daemons_has_ranges() {
    in_namespace(|| {
        for (name, taken, refused) in [
            ("sync_version", &["0", "1"][..], &["2", "-1"][..]),
            ("sync_retries", &["0", "3"], &["4", "-1"]),
            (
                "sync_ports",
                &["1", "2", "64", "128"],
                &["0", "3", "-1", "-2"],
            ),
            ("sync_qlen_max", &["0", "1", "4294967296"], &["-1"]),
        ] {
            for value in taken {
                is_taken(name, value, value);
            }
            for value in refused {
                is_refused(name, value);
            }
        }
    });
}

/// Up to which number depends on how often the clock ticks: at most 1000 times a second.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn seconds_that_become_ticks_of_the_clock_must_fit() {
    in_namespace(|| {
        let name = "sync_refresh_period";
        for value in ["-1", "5", "2147483"] {
            is_taken(name, value, value);
        }
        is_refused(name, "2147483647");
    });
}

/// The modules are loaded beforehand: where the kernel does it for a service while a namespace is
/// being deleted, 6.1 waits for ever, and so does the request.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_scheduler_that_has_a_setting_brings_it_along() {
    in_namespace(|| {
        for scheduler in ["lblc", "lblcr"] {
            run("modprobe", &[&format!("ip_vs_{scheduler}")]);
            let name = format!("{scheduler}_expiration");
            assert_eq!(get(&name), "86400\n");
            is_taken(&name, "-1", "-1");
        }
    });
}

/// Later kernels have all of them there.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_root_of_a_container_has_none_on_6_1() {
    in_namespace(|| {
        let list = ["--user", "--map-root-user", "--net", "ls", FOLDER];
        assert_eq!(output("unshare", &list).success(), "");
    });
}
