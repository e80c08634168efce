//! What is said of a wrong file, and of which line and column.

use lbnet::File;

/// Marks in a text the place that the error names.
const HERE: char = '▶';

#[track_caller]
fn assert_said(marked: &str, said: &str) {
    let before = marked.split(HERE).next().unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let text = marked.replace(HERE, "");
    let Err(error) = File::parse(&text) else {
        panic!("it was read:\n{text}");
    };
    let found = (error.line(), error.column(), error.reason());
    assert_eq!(found, (line, column, said), "{text}");
}

const SERVICE: &str = "[timeouts]\nudp = \"30s\"\n\n[[service]]\ntcp = \"192.0.2.1:80\"\n";
const DESTINATION: &str = "[[service.destination]]\naddress = \"198.51.100.2:80\"\n";

/// In a service that is right.
#[track_caller]
fn assert_said_in_service(marked: &str, said: &str) {
    assert_said(&format!("{SERVICE}{marked}\n"), said);
}

/// In a destination that is right, behind another one.
#[track_caller]
fn assert_said_in_destination(marked: &str, said: &str) {
    let other = DESTINATION.replace(".2:", ".1:");
    assert_said(&format!("{SERVICE}{other}\n{DESTINATION}{marked}\n"), said);
}

#[test]
fn an_unknown_section_is_named_with_all_that_there_are() {
    let known = "(known here: timeouts, service, sync, director, real-server)";
    for (text, meant) in [
        ("[▶directors]\nvips = []\n", ": did you mean `director`?"),
        ("[▶real_server]\n", ": did you mean `real-server`?"),
        ("[[▶services]]\n", ": did you mean `service`?"),
        ("\n[▶foo.bar]\n", ""),
        ("▶tcp = \"15m\"\n", ""),
    ] {
        let key = text.split([HERE, ']', '.', ' ']).nth(1).unwrap();
        assert_said(text, &format!("unknown key `{key}`{meant} {known}"));
    }
}

#[test]
fn an_unknown_key_is_named_with_the_one_that_is_most_like_it() {
    assert_said(
        "[timeouts]\n▶tcp_fin = \"15m\"\n",
        "unknown key `tcp_fin`: did you mean `tcp-fin`? (known here: tcp, tcp-fin, udp)",
    );
    assert_said_in_service(
        "▶schduler = \"rr\"",
        "unknown key `schduler`: did you mean `scheduler`? (known here: tcp, udp, sctp, fwmark, \
         family, scheduler, scheduler-flags, one-packet, persistence-engine, persistence, \
         destination)",
    );
    assert_said_in_service(
        "persistence = { timeout = \"5m\", ▶mask = \"255.255.255.0\" }",
        "unknown key `mask` (known here: timeout, netmask)",
    );
    assert_said_in_destination(
        "▶wieght = 1",
        "unknown key `wieght`: did you mean `weight`? (known here: address, forward, weight, \
         upper-threshold, lower-threshold, tunnel)",
    );
    assert_said_in_destination(
        "forward = \"tunnel\"\ntunnel = { type = \"gre\", ▶port = 6080 }",
        "unknown key `port` (known here: checksum)",
    );
    assert_said(
        "[director]\nvips = [{ address = \"10.0.0.3\", ▶dev = \"eth0\" }]\n",
        "unknown key `dev`: did you mean `device`? (known here: address, device, label, place, \
         forward, gateway, conntrack, reschedule, unannounced)",
    );
    assert_said(
        "[real-server]\n▶vip = \"10.0.0.3\"\n",
        "unknown key `vip`: did you mean `vips`? (known here: vips, device, forward, local, \
         place)",
    );
}

#[test]
fn a_key_that_is_missing_is_named_where_it_should_be() {
    assert_said_in_service(
        "▶[[service.destination]]\nweight = 1",
        "the key `address` is missing",
    );
    assert_said_in_service("persistence = ▶{}", "the key `timeout` is missing");
    assert_said_in_destination(
        "forward = \"tunnel\"\ntunnel = ▶{ type = \"gue\" }",
        "the key `port` is missing",
    );
    assert_said("▶[[sync]]\n", "the key `role` is missing");
    assert_said(
        "[timeouts]\n\n▶[real-server]\nvips = [\"10.0.0.3\"]\n",
        "the key `device` is missing",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_in_the_words_of_the_file() {
    assert_said(
        "[timeouts]\ntcp = ▶30\n",
        "`tcp` must be text in quotes, not 30",
    );
    for (text, said) in [
        (
            "persistence = ▶300",
            "`persistence` must be a table of timeout, netmask, not 300",
        ),
        (
            "one-packet = ▶1",
            "`one-packet` must be true or false, not 1",
        ),
        (
            "scheduler = ▶7",
            "`scheduler` must be text in quotes, not 7",
        ),
        (
            "scheduler-flags = ▶\"sh-port\"",
            "`scheduler-flags` must be a list, not \"sh-port\"",
        ),
        (
            "scheduler-flags = [▶3]",
            "`scheduler-flags` must be text in quotes, not 3",
        ),
        (
            "scheduler = ▶1979-05-27",
            "`scheduler` must be text in quotes, not a date or time",
        ),
    ] {
        assert_said_in_service(text, said);
    }
    for (text, said) in [
        (
            "weight = ▶\"heavy\"",
            "`weight` must be a number from 0 to 2147483647, not \"heavy\"",
        ),
        (
            "weight = ▶1.5",
            "`weight` must be a number from 0 to 2147483647, not 1.5",
        ),
        (
            "forward = ▶[\"direct\"]",
            "`forward` must be text in quotes, not a list",
        ),
        (
            "forward = \"tunnel\"\ntunnel = ▶\"gue\"",
            "`tunnel` must be a table, not \"gue\"",
        ),
        (
            "forward = \"tunnel\"\ntunnel = { type = \"gue\", port = ▶\"x\" }",
            "`port` must be a number from 1 to 65535, not \"x\"",
        ),
    ] {
        assert_said_in_destination(text, said);
    }
    assert_said(
        "director = ▶3\n",
        "`director` must be a table of vips, not 3",
    );
    assert_said(
        "[director]\nvips = ▶\"10.0.0.3\"\n",
        "`vips` must be a list, not \"10.0.0.3\"",
    );
    assert_said(
        "[real-server]\ndevice = \"eth0\"\nvips = [\"10.0.0.3\", ▶3]\n",
        "`vips` must be an IP address, not 3",
    );
    assert_said(
        "real-server = ▶3\n",
        "`real-server` must be one value or a list of them, not 3",
    );
}

#[test]
fn one_table_where_there_should_be_a_list_of_them_is_told_from_a_list() {
    let write = "write [[…]] above each table of a list";
    for (text, key) in [
        ("▶[service]\ntcp = \"192.0.2.1:80\"\n", "service"),
        ("▶[sync]\nrole = \"master\"\n", "sync"),
        ("[[service]]\n▶[service.destination]\n", "destination"),
    ] {
        assert_said(
            text,
            &format!("`{key}` must be a list, not a table: {write}"),
        );
    }
    assert_said("▶[[timeouts]]\n", "`timeouts` must be a table, not a list");
    assert_said(
        "▶[[director]]\n",
        "`director` must be a table of vips, not a list",
    );
}

#[test]
fn a_number_out_of_range_is_told_with_its_range() {
    let mark = "`fwmark` must be a number from 1 to 4294967295";
    for number in ["0", "-1", "4294967296", "99999999999999999999"] {
        let text = format!("[[service]]\nfwmark = ▶{number}\n");
        assert_said(&text, &format!("{mark}, not {number}"));
    }
    for (key, range, number) in [
        ("weight", "0 to 2147483647", "-1"),
        ("weight", "0 to 2147483647", "2147483648"),
        ("upper-threshold", "1 to 2147483647", "0"),
        ("upper-threshold", "1 to 2147483647", "3000000000"),
    ] {
        assert_said_in_destination(
            &format!("{key} = ▶{number}"),
            &format!("`{key}` must be a number from {range}, not {number}"),
        );
    }
    assert_said(
        "[[sync]]\nrole = \"backup\"\nsync-id = ▶300\ninterface = \"lo\"\n",
        "`sync-id` must be a number from 0 to 255, not 300",
    );
}

#[test]
fn a_word_that_is_none_of_those_there_are_is_told_with_them() {
    assert_said(
        "[[sync]]\nrole = ▶\"mastr\"\n",
        "`role` must be \"master\" or \"backup\", not \"mastr\"",
    );
    assert_said(
        "[[sync]]\nrole = ▶3\n",
        "`role` must be \"master\" or \"backup\", not 3",
    );
    assert_said(
        "[[service]]\nfwmark = 7\nfamily = ▶\"v6\"\n",
        "`family` must be \"ipv4\" or \"ipv6\", not \"v6\"",
    );
    assert_said_in_destination(
        "forward = \"tunnel\"\ntunnel = { type = ▶\"vxlan\" }",
        "`type` must be \"ipip\", \"gue\" or \"gre\", not \"vxlan\"",
    );
    let methods = "`forward` must be \"direct\", \"masquerade\" or \"tunnel\", not \"nat\"";
    for forward in ["▶\"nat\"", "[\"direct\", ▶\"nat\"]"] {
        let vip = format!("address = \"10.0.0.3\", device = \"eth0\", forward = {forward}");
        assert_said(&format!("[director]\nvips = [{{ {vip} }}]\n"), methods);
    }
}

#[test]
fn a_text_that_means_nothing_is_quoted() {
    for marked in [
        "[timeouts]\ntcp = \"3s\"\nudp = ▶\"soon\"\n",
        "[[service]]\ntcp = ▶\"192.0.2.1:http\"\n",
        "[[service]]\ntcp = ▶\"192.0.2.256:80\"\n",
        "[[service]]\nfwmark = 7\nscheduler = ▶\"\"\n",
        "[[service]]\nfwmark = 7\nscheduler-flags = [\"flag-1\", ▶\"flag-9\"]\n",
        "[[service]]\nfwmark = 7\npersistence = { timeout = ▶\"long\" }\n",
        "[[service]]\nfwmark = 7\npersistence = { timeout = \"5m\", netmask = ▶\"0\" }\n",
        "[[service]]\nfwmark = 7\n[[service.destination]]\naddress = ▶\"web\"\n",
        "[[service]]\nfwmark = 7\n[[service.destination]]\naddress = \"10.0.0.1\"\nforward = ▶\"nat\"\n",
        "[[sync]]\nrole = \"master\"\ninterface = ▶\"a-name-too-long0\"\n",
        "[[sync]]\nrole = \"master\"\ninterface = \"eth0\"\ngroup = ▶\"web\"\n",
        "[director]\nvips = [{ address = ▶\"10.0.0.300\", device = \"eth0\" }]\n",
        "[director]\nvips = [{ address = \"10.0.0.3\", device = ▶\"eth 0\" }]\n",
        "[director]\nvips = [{ address = \"10.0.0.3\", device = \"eth0\", place = ▶\"here\" }]\n",
        "[real-server]\nvips = [\"10.0.0.3\", ▶\"10.0.0.300\"]\ndevice = \"eth0\"\n",
        "[real-server]\nvips = []\ndevice = \"eth0\"\nforward = ▶\"vxlan\"\n",
        "[real-server]\nvips = []\ndevice = \"eth0\"\nforward = ▶\"masquerade\"\n",
    ] {
        let error = File::parse(&marked.replace(HERE, "")).unwrap_err();
        let said = error.reason().to_owned();
        let quoted = marked.split_once(HERE).unwrap().1;
        let quoted = &quoted[..quoted[1..].find('"').unwrap() + 2];
        assert!(said.contains(quoted), "{quoted} is not in: {said}");
        assert_said(marked, &said);
    }
}

#[test]
fn keys_that_do_not_go_together_are_found_by_the_one_that_has_to_change() {
    for marked in [
        "udp = ▶\"192.0.2.1:80\"",
        "family = ▶\"ipv6\"",
        "one-packet = ▶true",
        "persistence = { timeout = ▶\"32days\" }",
        "persistence = { netmask = ▶\"64\", timeout = \"5m\" }",
    ] {
        assert_place(&format!("{SERVICE}{marked}\n"));
    }
    for marked in [
        "lower-threshold = ▶5",
        "upper-threshold = 3\nlower-threshold = ▶5",
    ] {
        assert_place(&format!("{SERVICE}{DESTINATION}{marked}\n"));
    }
    assert_place("[[service]]\ntcp = \"192.0.2.1:80\"\n[[service]]\nudp = ▶\"192.0.2.1\"\n");
    assert_place("[timeouts]\ntcp = \"3s\"\nudp = ▶\"0\"\n");
    assert_place("[real-server]\nvips = []\nlocal = ▶\"10.0.0.3\"\ndevice = \"eth0\"\n");
    assert_place("▶[[service]]\nscheduler = \"rr\"\n");
}

#[track_caller]
fn assert_place(marked: &str) {
    let error = File::parse(&marked.replace(HERE, "")).unwrap_err();
    assert_said(marked, error.reason());
}

#[test]
fn of_several_destinations_the_wrong_one_is_found() {
    let right = "[[service.destination]]\naddress = \"198.51.100.2:80\"\n";
    let wrong = "[[service.destination]]\naddress = ▶\"198.51.100.3:81\"\n";
    let wrong_too = "[[service.destination]]\naddress = \"198.51.100.1:82\"\n";
    let said = "destination 198.51.100.3:81 must have the port of service tcp:192.0.2.1:80: direct \
                forwarding does not rewrite it (masquerade does)";
    assert_said(&format!("{SERVICE}{right}{wrong}{wrong_too}"), said);
    assert_said(&format!("{SERVICE}{wrong}{wrong_too}{right}"), said);
}

#[test]
fn what_is_there_twice_is_found_by_the_second() {
    let again = DESTINATION.replace("= ", "= ▶");
    assert_said(
        &format!("{SERVICE}{DESTINATION}{again}weight = 2\n"),
        "destination 198.51.100.2:80 is there twice in service tcp:192.0.2.1:80",
    );
    assert_said(
        &format!("{SERVICE}\n▶[[service]]\ntcp = \"192.0.2.1:80\"\n"),
        "service tcp:192.0.2.1:80 is there twice",
    );
    let sync = "[[sync]]\nrole = \"backup\"\ninterface = \"eth0\"\n";
    let again = "[[sync]]\ninterface = \"eth1\"\nrole = ▶\"backup\"\n";
    assert_said(
        &format!("{sync}{again}"),
        "a backup sync daemon is there twice",
    );
    for marked in [
        format!("{SERVICE}▶tcp = \"192.0.2.2:80\"\n"),
        format!("{SERVICE}[▶timeouts]\n"),
        "[director]\nvips = []\n[▶director]\n".to_owned(),
    ] {
        assert_said(&marked, "duplicate key");
    }
}

#[test]
fn what_is_no_toml_is_found_by_its_place() {
    for marked in [
        "[[service]▶\n",
        "▶{}",
        "services:▶\n- tcp\n",
        "[timeouts]\nudp = \"30s▶\ntcp = \"15m\"\n",
        "[timeouts]\n# ü\nudp = [1,, 2]▶",
    ] {
        let text = marked.replace(HERE, "");
        let error = File::parse(&text).unwrap_err();
        let before = marked.split(HERE).next().unwrap();
        assert_eq!(error.line(), before.matches('\n').count() + 1, "{error}");
    }
}
