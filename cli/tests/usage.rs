//! Wrong command lines: exit status 2, and one line that names the argument and what is allowed.
//!
//! Each names a namespace that does not exist: were one accepted, it would change nothing here.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use snapbox::cmd::Command;

const NOWHERE: [&str; 2] = ["--netns", "no-namespace-has-this-name"];

/// What is refused before anything is asked of the kernel.
#[track_caller]
fn refused(arguments: &str, said: &str) {
    let words: Vec<_> = arguments.split_whitespace().collect();
    refused_words(&words, said);
}

/// The same for words that may contain blanks.
#[track_caller]
fn refused_words(words: &[&str], said: &str) {
    let ipvs_rs = Command::new(env!("CARGO_BIN_EXE_ipvs-rs")).args(NOWHERE);
    let output = ipvs_rs.args(words).stdin("").output().unwrap();
    let printed = (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(
        printed,
        (Some(2), String::new(), format!("error: {said}\n")),
        "{words:?}"
    );
}

const ENDPOINT: &str = "is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80";
const SERVICE: &str = "the following required arguments were not provided: <--tcp <ADDRESS:PORT>|\
                       --udp <ADDRESS:PORT>|--sctp <ADDRESS:PORT>|--fwmark <MARK>>";
const DURATION: &str = "is not a duration: write 300, 300s or 5m";
const STATES: &str = "no such state; the states are TEMPLATE; TCP: NONE, ESTABLISHED, SYN_SENT, \
                      SYN_RECV, FIN_WAIT, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, SYNACK; UDP: \
                      UDP; SCTP: NONE, INIT1, INIT, C-SENT, C-REPLIED, C-WAIT, COOKIE, C-ECHOED, \
                      ESTABLISHED, S-SENT, S-RECEIVED, S-ACK-SENT, REJECTED, CLOSED";
const WEIGHT: &str = "a weight is a number from 0 to 2147483647";
const THRESHOLD: &str = "a threshold is a number of connections from 1 to 2147483647, or none";
const TUNNEL: &str = "is not a tunnel: ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

#[test]
fn a_command_that_does_not_exist_is_named() {
    refused(
        "lst",
        "unrecognized subcommand 'lst' (a similar subcommand exists: 'list')",
    );
    refused("director left", "unrecognized subcommand 'left'");
    refused("help lst", "unrecognized subcommand 'lst'");
}

#[test]
fn a_service_is_named_once_and_in_full() {
    refused("add-service", SERVICE);
    refused("add-service -s rr", SERVICE);
    refused("--output json delete-service", SERVICE);
    refused(
        "add-service -t 192.0.2.1:80 -t 192.0.2.2:80",
        "the argument '--tcp <ADDRESS:PORT>' cannot be used multiple times",
    );
    refused(
        "add-service -t 192.0.2.1:80 -u 192.0.2.1:80",
        "the argument '--tcp <ADDRESS:PORT>' cannot be used with '--udp <ADDRESS:PORT>'",
    );
    refused(
        "add-service 192.0.2.1:80",
        "unexpected argument '192.0.2.1:80' found",
    );
}

#[test]
fn an_address_is_numbers() {
    for wrong in [
        "10.1:80",
        "localhost:80",
        "192.0.2.1:http",
        "192.0.2.1:99999",
        "[192.0.2.1]:80",
        ":80",
    ] {
        refused(
            &format!("add-service -t {wrong}"),
            &format!("invalid value '{wrong}' for '--tcp <ADDRESS:PORT>': \"{wrong}\" {ENDPOINT}"),
        );
    }
    refused(
        "add-service --sctp fe80::1%2",
        &format!("invalid value 'fe80::1%2' for '--sctp <ADDRESS:PORT>': \"fe80::1%2\" {ENDPOINT}"),
    );
    refused(
        "add-destination -t 192.0.2.1:80 -r web1",
        &format!("invalid value 'web1' for '--real-server <ADDRESS[:PORT]>': \"web1\" {ENDPOINT}"),
    );
}

#[test]
fn a_mark_is_a_number_and_only_a_mark_has_a_family() {
    for wrong in ["0", "0x0", "0x", "+7", "seven", "4294967296", "0x100000000"] {
        refused(
            &format!("list -f {wrong}"),
            &format!(
                "invalid value '{wrong}' for '--fwmark <MARK>': a firewall mark is a number from 1 to \
                 4294967295, or from 0x1 to 0xffffffff"
            ),
        );
    }
    refused(
        "add-service -t 192.0.2.1:80 -6",
        "the argument '--tcp <ADDRESS:PORT>' cannot be used with '--ipv6'",
    );
    refused(
        "list -6",
        "the following required arguments were not provided: --fwmark <MARK>",
    );
}

#[test]
fn the_settings_of_a_service_say_what_they_take() {
    let service = "add-service -t 192.0.2.1:80";
    refused(
        &format!("{service} -p soon"),
        &format!("invalid value 'soon' for '--persistent [<TIME>]': \"soon\" {DURATION}"),
    );
    for wrong in ["255.255", "0", "129"] {
        refused(
            &format!("{service} -p 300 -M {wrong}"),
            &format!(
                "invalid value '{wrong}' for '--netmask <MASK>': \"{wrong}\" is not a netmask: \
                 write 255.255.255.0 for IPv4, a prefix length from 1 to 128 for IPv6"
            ),
        );
    }
    refused(
        &format!("{service} -s"),
        "a value is required for '--scheduler <NAME>' but none was supplied",
    );
    refused(
        &format!("{service} -s sixteen-letters-"),
        "invalid value 'sixteen-letters-' for '--scheduler <NAME>': \"sixteen-letters-\" cannot \
         be a scheduler: a name has 1 to 15 letters, digits or signs",
    );
    refused(
        "edit-service -t 192.0.2.1:80 -p 5m --no-persistence",
        "the argument '--persistent [<TIME>]' cannot be used with '--no-persistence'",
    );
    refused(
        "edit-service -t 192.0.2.1:80 -o --no-ops",
        "the argument '--ops' cannot be used with '--no-ops'",
    );
}

#[test]
fn the_settings_of_a_destination_say_what_they_take() {
    let destination = "add-destination -t 192.0.2.1:80 -r 198.51.100.7";
    refused(
        "add-destination -t 192.0.2.1:80",
        "the following required arguments were not provided: --real-server <ADDRESS[:PORT]>",
    );
    for wrong in ["-1", "+1", "heavy", "2147483648"] {
        refused(
            &format!("{destination} -w {wrong}"),
            &format!("invalid value '{wrong}' for '--weight <WEIGHT>': {WEIGHT}"),
        );
        refused(
            &format!("{destination} -x {wrong}"),
            &format!("invalid value '{wrong}' for '--u-threshold <CONNECTIONS>': {THRESHOLD}"),
        );
        refused(
            &format!("{destination} -x 9 -y {wrong}"),
            &format!("invalid value '{wrong}' for '--l-threshold <CONNECTIONS>': {THRESHOLD}"),
        );
    }
    for wrong in [
        "vxlan",
        "ipip,csum",
        "gre,remcsum",
        "gre,port=1",
        "gue,port=0",
    ] {
        refused(
            &format!("{destination} --tunnel {wrong}"),
            &format!("invalid value '{wrong}' for '--tunnel <TUNNEL>': {wrong:?} {TUNNEL}"),
        );
    }
    refused(
        &format!("{destination} --tunnel gue"),
        "invalid value 'gue' for '--tunnel <TUNNEL>': gue needs a port: gue,port=6080",
    );
}

#[test]
fn there_is_one_forwarding_method() {
    let destination = "edit-destination -t 192.0.2.1:80 -r 198.51.100.7";
    for (one, other, named) in [
        ("-g", "-m", "'--direct' cannot be used with '--masquerade'"),
        ("-m", "-i", "'--masquerade' cannot be used with '--ipip'"),
        (
            "-m",
            "--tunnel gre",
            "'--masquerade' cannot be used with '--tunnel <TUNNEL>'",
        ),
    ] {
        refused(
            &format!("{destination} {one} {other}"),
            &format!("the argument {named}"),
        );
    }
}

#[test]
fn what_a_command_prints_has_a_form_that_exists() {
    refused(
        "list --output yaml",
        "invalid value 'yaml' for '--output <FORMAT>'; [possible values: table, json]",
    );
    refused(
        "list --stats --rate",
        "the argument '--stats' cannot be used with '--rate'",
    );
    refused(
        "list --ratee",
        "unexpected argument '--ratee' found (a similar argument exists: '--rate')",
    );
    refused(
        "save --format iptables",
        "invalid value 'iptables' for '--format <FORMAT>'; [possible values: toml, json, ipvsadm]",
    );
    refused(
        "completions ksh",
        "invalid value 'ksh' for '<SHELL>'; [possible values: bash, elvish, fish, powershell, \
         zsh] (a similar value exists: 'zsh')",
    );
}

#[test]
fn what_connections_are_looked_for_by_says_what_it_takes() {
    for (option, named) in [
        ("--client", "--client <ADDRESS[:PORT]>"),
        ("--destination", "--destination <ADDRESS[:PORT]>"),
    ] {
        refused(
            &format!("connections {option} web1"),
            &format!("invalid value 'web1' for '{named}': \"web1\" {ENDPOINT}"),
        );
    }
    refused(
        "connections --origin=remote",
        "invalid value 'remote' for '--origin[=<ORIGIN>]': an origin is local, sync or any",
    );
    // With a blank before it, it would be the value of whatever comes next.
    refused(
        "connections --origin sync",
        "unexpected argument 'sync' found",
    );
    for wrong in ["foo", "ESTABLISHING", ""] {
        refused(
            &["connections --state=", wrong].concat(),
            &format!("invalid value '{wrong}' for '--state <STATE>': {STATES}"),
        );
    }
    refused(
        "connections -t 192.0.2.10:80 -u 192.0.2.10:80",
        "the argument '--tcp <ADDRESS:PORT>' cannot be used with '--udp <ADDRESS:PORT>'",
    );
    refused(
        "connections -6",
        "the following required arguments were not provided: --fwmark <MARK>",
    );
    refused(
        "connections --summary --stats",
        "unexpected argument '--stats' found (a similar argument exists: '--state')",
    );
}

#[test]
fn draining_names_a_destination_and_a_time() {
    refused(
        "drain-destination -t 192.0.2.10:80",
        "the following required arguments were not provided: --real-server <ADDRESS[:PORT]>",
    );
    refused(
        "drain-destination -t 192.0.2.10:80 -r 198.51.100.7 --until drained",
        "invalid value 'drained' for '--until <STATE>'; [possible values: none-remembered, none-active]",
    );
    for wrong in ["soon", "-1"] {
        refused(
            &format!("drain-destination -t 192.0.2.10:80 -r 198.51.100.7 --timeout {wrong}"),
            &format!("invalid value '{wrong}' for '--timeout <TIME>': \"{wrong}\" {DURATION}"),
        );
    }
    refused(
        "drain-destination -t 192.0.2.10:80 -r 198.51.100.7 -w 0",
        "unexpected argument '-w' found",
    );
}

#[test]
fn a_timeout_is_a_duration_and_flushing_wants_to_be_sure() {
    for wrong in ["never", "-1"] {
        refused(
            &format!("timeouts --tcp-fin {wrong}"),
            &format!("invalid value '{wrong}' for '--tcp-fin <TIME>': \"{wrong}\" {DURATION}"),
        );
    }
    refused(
        "flush",
        "the following required arguments were not provided: --yes",
    );
}

#[test]
fn a_virtual_address_and_its_device_say_what_they_take() {
    refused(
        "director up --device eth0",
        "the following required arguments were not provided: --vip <ADDRESS[/PREFIX]>",
    );
    refused(
        "director up --vip 10.10.10.100/33 --device eth0",
        "invalid value '10.10.10.100/33' for '--vip <ADDRESS[/PREFIX]>': \"10.10.10.100/33\" is \
         not an address with a prefix length: the prefix is longer than the address",
    );
    refused(
        "real-server up --vip 10.10.10.100/24 --device eth0",
        "invalid value '10.10.10.100/24' for '--vip <ADDRESS>': expected an address without \
         prefix length or port, such as 10.10.10.100",
    );
    for role in ["director down", "real-server down"] {
        refused(
            &format!("{role} --vip 10.10.10.100 --device a/b"),
            "invalid value 'a/b' for '--device <DEVICE>': \"a/b\" cannot be the name of a network \
             device: 1 to 15 bytes (an alternative name: 127), no blanks, `/` or `:`",
        );
    }
}

#[test]
fn a_namespace_that_does_not_exist_is_named_by_every_command_that_works_in_one() {
    for arguments in [
        "list",
        "list --output json",
        "connections --summary",
        "drain-destination -t 192.0.2.1:80 -r 198.51.100.7 --timeout 0",
        "flush --yes",
        "add-service -t 192.0.2.1:80",
        "director up --vip 10.10.10.100/24 --device no-such-device",
        "real-server down --vip 10.10.10.100 --device no-such-device",
    ] {
        let ipvs_rs = Command::new(env!("CARGO_BIN_EXE_ipvs-rs")).args(NOWHERE);
        let assert = ipvs_rs
            .args(arguments.split_whitespace())
            .stdin("")
            .assert();
        let assert = assert.code(1).stdout_eq("");
        let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert_eq!(
            said, "error: no such network namespace: no-namespace-has-this-name\n",
            "{arguments}"
        );
    }
}

#[test]
fn what_doctor_is_told_of_a_real_server_fits_together() {
    refused(
        "doctor --director --vip 10.0.0.9",
        "the argument '--director' cannot be used with '--vip <ADDRESS>'",
    );
    for (arguments, said) in [
        (
            "--vip 10.0.0.9 --gateway 10.0.0.1",
            "a masqueraded real server has no virtual IP: leave out --vip",
        ),
        (
            "--vip 10.0.0.9 --local 10.0.0.2",
            "--local needs a tunnel: --forward ipip, gue,port=N or gre",
        ),
        (
            "--forward ipip --gateway 10.0.0.1",
            "--gateway needs --forward masquerade",
        ),
    ] {
        refused(&format!("doctor {arguments}"), said);
    }
    for port in ["0", "http", "80/icmp", "80/"] {
        refused(
            &format!("doctor --port {port}"),
            &format!(
                "invalid value '{port}' for '--port <PORT[/tcp|udp]>': a port is a number from 1 to \
                 65535, with /udp for UDP: 53/udp"
            ),
        );
    }
}

#[test]
fn options_that_would_do_nothing_together_are_refused() {
    let up = "director up --vip 192.0.2.10 --device eth0 --unannounced";
    for (arguments, named) in [
        (
            format!("{up} --claim"),
            "'--unannounced' cannot be used with '--claim'",
        ),
        (
            format!("{up} --wait"),
            "'--unannounced' cannot be used with '--wait'",
        ),
        (
            "save --update lb.toml --format json".to_owned(),
            "'--update <FILE>' cannot be used with '--format <FORMAT>'",
        ),
    ] {
        refused(&arguments, &format!("the argument {named}"));
    }
    // A weight is no option of a deletion.
    refused(
        "delete-destination -t 192.0.2.10:80 -r 198.51.100.7 -w 0",
        "unexpected argument '-w' found",
    );
}

#[test]
fn the_settings_of_a_sync_daemon_say_what_they_take() {
    for device in ["sixteen-letters-", "a/b", "eth 0"] {
        refused_words(
            &["start-sync", "master", "--interface", device],
            &format!(
                "invalid value '{device}' for '--interface <DEVICE>': the name of a network device has \
                 1 to 15 bytes, no blanks, `/` or `:`"
            ),
        );
    }
    for (option, wrong, said) in [
        (
            "--syncid",
            "256",
            "'--syncid <ID>': an ID is a number from 0 to 255",
        ),
        (
            "--syncid",
            "-1",
            "'--syncid <ID>': an ID is a number from 0 to 255",
        ),
        (
            "--ttl",
            "0",
            "'--ttl <TTL>': a TTL is a number from 1 to 255",
        ),
        (
            "--port",
            "+80",
            "'--port <PORT>': a port is a number from 1 to 65535",
        ),
        (
            "--maxlen",
            "0",
            "'--maxlen <BYTES>': a length is a number of bytes from 1 to 65535",
        ),
    ] {
        refused(
            &format!("start-sync master --interface eth0 {option} {wrong}"),
            &format!("invalid value '{wrong}' for {said}"),
        );
    }
}

#[test]
fn a_scheduler_flag_that_no_scheduler_has_is_refused() {
    for wrong in ["port", "SH-PORT", "flag-4"] {
        refused(
            &format!("add-service -t 192.0.2.10:80 -s sh -b sh-port,{wrong}"),
            &format!(
                "invalid value '{wrong}' for '--sched-flags <FLAG>': a flag is sh-fallback, sh-port, \
                 mh-fallback, mh-port, flag-1, flag-2 or flag-3"
            ),
        );
    }
}
