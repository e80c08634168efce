//! Files that cannot be restored: the line that is wrong is named, and nothing is changed.

use ipvs::Table;
use ipvs_lab::in_namespace;

use crate::common::client;
use crate::common::program::{done, typed};

const GOOD: &str = "\
[timeouts]
udp = \"30s\"

[[service]]
tcp = \"192.0.2.11:80\"
scheduler = \"wrr\"

[[service.destination]]
address = \"198.51.100.1:80\"
forward = \"direct\"
weight = 1
";

/// What is wrong: a part of the good file, what stands there instead, and the line that is named.
const WRONG: [(&str, &str, usize); 18] = [
    ("tcp = \"192.0.2.11:80\"", "tcp = \"192.0.2.256:80\"", 5),
    ("tcp = \"192.0.2.11:80\"", "tcp = \"192.0.2.11:65536\"", 5),
    ("tcp = \"192.0.2.11:80\"", "tcp = 80", 5),
    ("tcp = \"192.0.2.11:80\"", "fwmark = 0", 5),
    ("tcp = \"192.0.2.11:80\"", "fwmark = 4294967296", 5),
    ("\"wrr\"", "\"\"", 6),
    ("\"wrr\"", "\"sixteen-letters-\"", 6),
    ("\"wrr\"", "7", 6),
    ("\"198.51.100.1:80\"", "\"web\"", 9),
    ("\"198.51.100.1:80\"", "\"198.51.100.1:81\"", 9),
    ("\"198.51.100.1:80\"", "\"[2001:db8:1::1]:80\"", 9),
    ("\"direct\"", "\"nat\"", 10),
    ("\"direct\"", "\"tunnel\"\ntunnel = { type = \"gue\" }", 11),
    ("weight = 1", "weight = -1", 11),
    ("weight = 1", "weight = 2147483648", 11),
    ("weight = 1", "weight = \"heavy\"", 11),
    ("weight = 1", "lower-threshold = 1", 11),
    ("\"30s\"", "\"0s\"", 2),
];

fn table() -> Table {
    client().table().unwrap()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_value_that_cannot_be_is_named_by_its_line() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s rr");
        let before = table();
        for (part, wrong, line) in WRONG {
            let output = typed("restore", &GOOD.replace(part, wrong));
            assert_eq!(output.status, Some(1), "{wrong}");
            let named = format!("error: standard input, line {line}, column ");
            assert!(
                output.stderr.starts_with(&named),
                "{wrong}: {}",
                output.stderr
            );
            assert_eq!(table(), before, "after {wrong}");
        }
        let output = typed("restore", GOOD);
        assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_there_twice_is_refused() {
    in_namespace(|| {
        let before = table();
        let (_, service) = GOOD.split_once("\n\n").unwrap();
        let (_, destination) = service.split_once("\n\n").unwrap();
        let rules = "-A -t 192.0.2.11:80 -s wrr\n-a -t 192.0.2.11:80 -r 198.51.100.1:80\n";
        let again = rules
            .replace("-s wrr", "-s rr")
            .replace("1:80\n", "1 -w 2\n");
        for (format, text) in [
            ("toml", format!("{GOOD}{service}")),
            ("toml", format!("{GOOD}{destination}")),
            ("toml", format!("{GOOD}weight = 2\n")),
            ("toml", format!("{GOOD}[timeouts]\n")),
            (
                "ipvsadm",
                format!("{rules}{}", again.lines().next().unwrap()),
            ),
            (
                "ipvsadm",
                format!("{rules}{}", again.lines().nth(1).unwrap()),
            ),
        ] {
            let output = typed(&format!("restore --format {format}"), &text);
            assert_eq!(output.status, Some(1), "{text}");
            assert!(
                output.stderr.starts_with("error: standard input"),
                "{}",
                output.stderr
            );
            assert_eq!(table(), before, "after {text}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_no_file_is_refused() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s rr");
        let before = table();
        for text in [
            "",
            "services:\n- tcp\n",
            "{}",
            "[[service]",
            "tcp = 1\n",
            "\u{0}",
            "[[sync]]\n",
        ] {
            let output = typed("restore", text);
            assert_eq!(output.status, Some(1), "{text:?}");
            assert!(
                output.stderr.starts_with("error: standard input"),
                "{}",
                output.stderr
            );
            assert_eq!(table(), before, "after {text:?}");
        }
        // A comment says that nothing is wanted: nothing is changed.
        let output = typed("restore", "# nothing\n");
        assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""));
        assert_eq!(table(), before);
    });
}
