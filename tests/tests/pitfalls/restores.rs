//! Restores that others call a success, and saves that lose something.

use ipvs_lab::in_namespace;

use crate::common::program::{configured, counted_for, done, refused_for, shown, shown_for};
use crate::common::{saved, seconds};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_restore_does_not_succeed_because_its_last_line_does() {
    in_namespace(|| {
        done("add-service -t 192.0.2.9:80 -s rr");
        let good = [
            "-A -t 192.0.2.10:80 -s rr",
            "-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 1",
            "-A -t 192.0.2.11:80 -s rr",
        ];
        let bad = "-A -t 192.0.2.12 -s rr";
        for place in 0..=good.len() {
            let mut lines = good.to_vec();
            lines.insert(place, bad);
            let said = format!(
                "standard input, line {}: service tcp:192.0.2.12:0 needs a port: only a persistent \
                 service takes every port",
                place + 1
            );
            refused_for("restore --format ipvsadm", &lines.join("\n"), &said);
        }
        // What only the kernel can know, in the middle.
        for place in 0..=good.len() {
            let mut lines = good.to_vec();
            lines.insert(place, "-A -t 192.0.2.12:80 -s rrr");
            refused_for(
                "restore --format ipvsadm",
                &lines.join("\n"),
                "cannot add service tcp:192.0.2.12:80; nothing was changed: scheduler \"rrr\" is \
                 not in this kernel",
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn comments_and_empty_lines_are_not_errors() {
    in_namespace(|| {
        let rules = "# rules\n\n  # more\n-A -t 192.0.2.10:80 -s rr\n\n#\n";
        shown_for("restore --format ipvsadm", rules);
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_save_does_not_lose_timeouts_and_sync_daemons() {
    in_namespace(|| {
        done("timeouts --tcp 17m --tcp-fin 77s --udp 33s");
        done(
            "start-sync master --interface lo --syncid 7 --maxlen 1400 --group 239.1.1.1 --port 9000 --ttl 5",
        );
        done("start-sync backup --interface lo --syncid 255 --group ff02::81");
        let (before, _) = configured();
        assert_eq!(before.sync_daemons.len(), 2);
        assert_eq!(before.timeouts.udp, Some(seconds(33)));
        let file = shown("save");
        in_namespace(|| {
            assert_eq!(
                counted_for("restore", &file),
                "restored 0 services with 0 destinations: 3 changes\n"
            );
            assert_eq!(configured().0, before);
            assert_eq!(shown("save"), file);
        });
    });
}
