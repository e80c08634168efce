//! `save` and `restore`: nothing is lost, nothing is half done, and other people's rules are read.

use crate::common::program::{
    configured, counted_for, done, json, refused, refused_for, shown, shown_for,
};
use crate::common::saved;
use ipvs_lab::{in_namespace, process};
use serde_json::json;

/// Everything that can be configured: protocols, families, marks, forwarding methods, tunnels,
/// thresholds, persistence, engine, flags, one-packet scheduling.
fn everything() {
    for command in [
        "add-service -t 192.0.2.10:80 -s wrr",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.1",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.2:8080 -m -w 0 -x 100 -y 50",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.3 -i -x 7",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.4 --tunnel gue,port=6080",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.5 --tunnel gue,port=6080,csum",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.6 --tunnel gue,port=6080,remcsum",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.7 --tunnel gre",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.8 --tunnel gre,csum",
        "add-destination -t 192.0.2.10:80 -r 2001:db8::21 --tunnel ipip -w 2147483647",
        "add-service -t 192.0.2.10 -s rr -p 31d -M 255.0.255.0",
        "add-service -u 192.0.2.10:5060 -s rr -p 60 --pe sip -o",
        "add-service --sctp 192.0.2.10:80 -s sh -b sh-fallback,sh-port",
        "add-service -t [2001:db8::10]:80 -s mh -b mh-port -p 50 -M 64",
        "add-destination -t [2001:db8::10]:80 -r [2001:db8::22]:8080 -m",
        "add-destination -t [2001:db8::10]:80 -r 198.51.100.9 -i",
        "add-service -u [2001:db8::10]:53 -s rr -b flag-1,flag-3 -o",
        "add-service --sctp [2001:db8::10]:80 -s lc",
        "add-service -f 4294967295 -s none",
        "add-destination -f 4294967295 -r 198.51.100.1:8080 -g",
        "add-service -f 7 -6 -s nq -p 6m",
        "add-destination -f 7 -6 -r 2001:db8::22 -m",
    ] {
        done(command);
    }
}

/// What `restore` says when there was this to do.
fn restored(services: usize, destinations: usize, changes: &str) -> String {
    format!("restored {services} services with {destinations} destinations: {changes}\n")
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn nothing_is_lost_between_save_and_restore() {
    for format in ["toml", "json"] {
        comes_back(&format!("save --format {format}"));
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_save_that_is_asked_for_json_is_not_toml() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s wrr");
        let text = shown("save --format json");
        assert_eq!(shown("save --output json"), text);
        assert_eq!(shown("save --output json --format json"), text);
        refused(
            "save --output json --format ipvsadm",
            "--output json is --format json: name only one of the two formats",
        );
    });
}

/// What this saves is restored without a word about its format.
fn comes_back(save: &str) {
    in_namespace(|| {
        everything();
        done("timeouts --tcp 17m --tcp-fin 77s --udp 33s");
        let before = configured();
        let text = shown(save);

        done("flush --yes");
        done("timeouts --tcp 15m --tcp-fin 2m --udp 5m");
        assert_ne!(configured(), before);
        assert_eq!(counted_for("restore", &text), restored(9, 13, "23 changes"));
        assert_eq!(configured(), before);
        assert_eq!(shown(save), text);

        assert_eq!(shown_for("restore", &text), restored(9, 13, "0 changes"));
        assert_eq!(configured(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ipvsadm_saves_and_we_restore() {
    in_namespace(|| {
        everything();
        let before = saved();
        done("flush --yes");
        shown_for("restore --format ipvsadm", &before);
        assert_eq!(saved(), before);

        let again = shown_for("restore --format ipvsadm --output json", &before);
        let again: serde_json::Value = serde_json::from_str(&again).unwrap();
        assert_eq!(
            again,
            json!({
                "services": 9, "destinations": 13, "dry_run": false, "changes": [],
                "deleted_with_connections": []
            })
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn we_save_and_ipvsadm_restores() {
    in_namespace(|| {
        everything();
        // ipvsadm reads no mark above 2147483647, not even one that it wrote.
        done("delete-service -f 4294967295");
        let before = configured();
        let text = shown("save --format ipvsadm");
        done("flush --yes");
        let output = process::output_with_input("ipvsadm", &["-R"], &text);
        assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""));
        assert_eq!(configured(), before, "thresholds are in it, too");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn both_programs_save_the_same_lines() {
    in_namespace(|| {
        everything();
        // ipvsadm prints no thresholds, and marks as signed numbers.
        let ours = shown("save --format ipvsadm");
        let ours = ours.replace(" -x 100 -y 50", "").replace(" -x 7", "");
        let ours = ours.replace("-f 4294967295", "-f -1");
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&ours), sorted(&saved()));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_restore_changes_what_differs_and_leaves_other_services_alone() {
    in_namespace(|| {
        for command in [
            "add-service -t 192.0.2.10:80 -s rr",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.1",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.2",
            "add-service -t 192.0.2.99:80 -s sh",
            "add-destination -t 192.0.2.99:80 -r 198.51.100.9 -w 9",
        ] {
            done(command);
        }
        let file = r#"
            [timeouts]
            udp = "30s"

            [[service]]
            tcp = "192.0.2.10:80"
            scheduler = "wlc"
            [[service.destination]]
            address = "198.51.100.1:80"
            [[service.destination]]
            address = "198.51.100.3:8080"
            forward = "masquerade"
            weight = 3
        "#;
        let before = configured();
        let changes = "\
set timeouts: udp 5m → 30s
update service tcp:192.0.2.10:80: scheduler rr → wlc
add destination 198.51.100.3:8080 to service tcp:192.0.2.10:80
delete destination 198.51.100.2:80 of service tcp:192.0.2.10:80
";
        let counted = "restore 1 service with 2 destinations: 4 changes; nothing was changed";
        assert_eq!(
            shown_for("restore --dry-run", file),
            format!("{changes}would {counted} (dry run)\n")
        );
        assert_eq!(shown_for("restore --dry-run --quiet", file), "");
        assert_eq!(configured(), before, "after a dry run");

        let made = changes.replace("\nupdate ", "\nupdated ");
        let made = made
            .replace("\nadd ", "\nadded ")
            .replace("\ndelete ", "\ndeleted ");
        assert_eq!(
            shown_for("restore", file),
            format!("{made}restored 1 service with 2 destinations: 4 changes\n")
        );
        let now = "\
-A -t 192.0.2.10:80 -s wlc
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1
-a -t 192.0.2.10:80 -r 198.51.100.3:8080 -m -w 3
-A -t 192.0.2.99:80 -s sh
-a -t 192.0.2.99:80 -r 198.51.100.9:80 -g -w 9";
        assert_eq!(saved(), now);
        assert_eq!(
            json("timeouts"),
            json!({"tcp": "15m", "tcp_fin": "2m", "udp": "30s"})
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_error_in_the_rules_names_its_line_and_nothing_is_changed() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s rr");
        let good = "[[service]]\ntcp = \"192.0.2.11:80\"\n";
        for (bad, (line, column), what) in [
            (
                "schduler = \"rr\"",
                (3, 1),
                "unknown key `schduler`: did you mean `scheduler`? (known here: tcp, udp, sctp, \
                 fwmark, family, scheduler, scheduler-flags, one-packet, persistence-engine, \
                 persistence, destination)",
            ),
            (
                "[[service]]\ntcp = \"nowhere\"",
                (4, 7),
                "\"nowhere\" is not an address and port: write \
             192.0.2.10:80 or [2001:db8::10]:80",
            ),
            (
                "[[service]]\nscheduler = \"rr\"",
                (3, 1),
                "a service is named by one of: tcp, udp, sctp, \
             fwmark",
            ),
            (
                "[timeouts]\ntcp = \"soon\"",
                (4, 7),
                "\"soon\" is not a duration: write 300, 300s or 5m",
            ),
        ] {
            let said = format!("standard input, line {line}, column {column}: {what}");
            refused_for("restore", &format!("{good}{bad}\n"), &said);
        }
        let good = "-A -t 192.0.2.11:80 -s rr\n# a comment\n";
        for (bad, what) in [
            (
                "-Z",
                "-Z changes no rules: restore reads -A, -E, -D, -a, -e, -d, -C, --set, --start-daemon \
                 and --stop-daemon",
            ),
            (
                "-A -t 192.0.2.12",
                "service tcp:192.0.2.12:0 needs a port: only a persistent \
             service takes every port",
            ),
            (
                "-a -t 192.0.2.13:80 -r 198.51.100.1",
                "service tcp:192.0.2.13:80 does not exist: no line before this one adds it, and the \
                 kernel does not have it",
            ),
        ] {
            let said = format!("standard input, line 3: {what}");
            refused_for("restore --format ipvsadm", &format!("{good}{bad}\n"), &said);
        }
        refused_for(
            "restore",
            "{\"services\": [],\n \"service\": []}\n",
            "standard input, line 2, column 11: unknown field `service`, expected one of `timeouts`, \
             `services`, `sync_daemons`",
        );
        refused_for(
            "restore",
            good,
            "standard input, line 1, column 4: key with no value, expected `=` (these look like ipvsadm's \
             rules: --format ipvsadm reads them)",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_the_kernel_refuses_late_undoes_what_was_done_before() {
    in_namespace(|| {
        for command in [
            "add-service -t 192.0.2.10:80 -s wrr -p 50",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.1:8080 -m -w 5 -x 100 -y 50",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.2 --tunnel gre,csum",
        ] {
            done(command);
        }
        let rules = "\
--set 60 60 60
-A -t 192.0.2.10:80 -s rr
-a -t 192.0.2.10:80 -r 198.51.100.1:8080 -m -w 9
-a -t 192.0.2.10:80 -r 198.51.100.3 -g
-A -t 192.0.2.11:80 -s rr
-a -t 192.0.2.11:80 -r 198.51.100.3 -g
-A -t 192.0.2.12:80 -s rrr
";
        refused_for(
            "restore --format ipvsadm",
            rules,
            "cannot add service tcp:192.0.2.12:80; nothing was changed: scheduler \"rrr\" is not \
             in this kernel",
        );
        // The same without the last service is carried out: the refusal was about that one.
        let rules = rules.replace("-A -t 192.0.2.12:80 -s rrr\n", "");
        assert_eq!(
            counted_for("restore --format ipvsadm", &rules),
            restored(2, 3, "7 changes")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_update_of_a_file_does_not_lose_what_a_person_wrote() {
    in_namespace(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lb.toml");
        let file = path.display();
        for command in [
            "add-service -t 192.0.2.10:80 -s rr",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.1",
        ] {
            done(command);
        }
        let by_hand = "# ask Ann\n[timeouts]\ntcp = \"15m\"\ntcp-fin = \"2m\"\nudp = \"300\" # five minutes\n\n\
            [[service]]\ntcp = \"192.0.2.10:80\" # the web site\nscheduler = \"rr\"\n\n\
            [[service.destination]]\naddress = \"198.51.100.1:80\"\n\n\
            [director]\nvips = [{ address = \"192.0.2.10\", device = \"eth0\" }] # a comment\n";
        std::fs::write(&path, by_hand).unwrap();
        let update = format!("save --update {file}");
        assert_eq!(shown(&update), format!("{file} is up to date\n"));

        done("edit-service -t 192.0.2.10:80 -s wrr");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.2 -w 7");
        assert_eq!(json(&update), json!({"file": path, "outcome": "changed"}));
        let updated = std::fs::read_to_string(&path).unwrap();
        let server = "address = \"198.51.100.1:80\"\n";
        let another = "\n[[service.destination]]\naddress = \"198.51.100.2:80\"\nforward = \"direct\"\nweight = 7\n";
        assert_eq!(
            updated,
            by_hand
                .replace("\"rr\"", "\"wrr\"")
                .replace(server, &format!("{server}{another}"))
        );
        assert_eq!(
            counted_for("restore", &updated),
            "restored 1 service with 2 destinations: 0 changes\n"
        );

        std::fs::write(&path, "tcp = 7\n").unwrap();
        refused(
            &update,
            &format!(
                "{file}, line 1, column 1: unknown key `tcp` (known here: timeouts, service, sync, \
                 director, real-server)"
            ),
        );
        std::fs::write(&path, "service = [{ tcp = \"192.0.2.11:80\" }]\n").unwrap();
        refused(
            &update,
            &format!(
                "{file}: its form cannot be changed piece by piece; write it anew: ipvs-rs save > {file}"
            ),
        );
        std::fs::remove_file(&path).unwrap();
        assert_eq!(shown(&update), format!("created {file}\n"));
        let created = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            counted_for("restore", &created),
            "restored 1 service with 2 destinations: 0 changes\n"
        );
    });
}
