//! Timeouts, set three at a time by rules and one at a time by the program.

use ipvs_lab::{in_namespace, process};

use crate::common::program::{done, shown_for, typed};

#[track_caller]
fn assert_are(tcp: u32, tcp_fin: u32, udp: u32) {
    let said = process::ipvsadm(&["-L", "--timeout"]);
    assert_eq!(
        said,
        format!("Timeout (tcp tcpfin udp): {tcp} {tcp_fin} {udp}")
    );
}

/// What rules say; it must be taken.
#[track_caller]
fn set(rules: &str) {
    shown_for("restore --format ipvsadm", rules);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_zero_in_rules_keeps_what_is_set() {
    in_namespace(|| {
        set("--set 66 66 66");
        assert_are(66, 66, 66);
        set("--set 77 0 77");
        assert_are(77, 66, 77);
        set("--set 0 0 0");
        assert_are(77, 66, 77);
        set("--set 0 88 0");
        assert_are(77, 88, 77);
        // The last of several counts.
        set("--set 1 2 3\n-A -t 192.0.2.10:80 -s rr\n--set 4 5 6");
        assert_are(4, 5, 6);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_program_sets_those_that_are_named() {
    in_namespace(|| {
        for (options, [tcp, tcp_fin, udp]) in [
            ("--tcp 66 --tcp-fin 66 --udp 66", [66, 66, 66]),
            ("--tcp 77 --udp 77", [77, 66, 77]),
            ("--tcp-fin 88s", [77, 88, 77]),
            ("--udp 1m", [77, 88, 60]),
            ("--tcp 24d", [2_073_600, 88, 60]),
        ] {
            done(&format!("timeouts {options}"));
            assert_are(tcp, tcp_fin, udp);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn wrong_numbers_in_rules_set_nothing() {
    in_namespace(|| {
        set("--set 66 67 68");
        for rules in [
            "--set",
            "--set 1",
            "--set 1 2",
            "--set 1 2 test",
            "--set test 2 3",
            "--set 1 2 3 4",
            "--set 1 2 -3",
            "--set 1 2 2147484",
            "--set 1 2 3\n--set 4 5",
        ] {
            let output = typed("restore --format ipvsadm", rules);
            assert_eq!(output.status, Some(1), "{rules}");
            let line = rules.lines().count();
            let named = format!("error: standard input, line {line}: ");
            assert!(
                output.stderr.starts_with(&named),
                "{rules}: {}",
                output.stderr
            );
            assert_are(66, 67, 68);
        }
    });
}
