//! Help that needs a kernel, and help that says something else than the kernel does.

use serde_json::{Value, json};

use ipvs_lab::in_namespace;

use crate::common::program::{done, json, shown};
use crate::common::saved;

/// The default that the help of a command tells of an option.
#[track_caller]
fn promised(help: &str, option: &str) -> String {
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, about) = words.split_once(&format!("--{option} ")).unwrap();
    let (_, default) = about.split_once("[default: ").unwrap();
    default.split(']').next().unwrap().to_owned()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_help_does_not_promise_other_defaults_than_there_are() {
    in_namespace(|| {
        let help = shown("start-sync --help");
        done("start-sync master --interface lo");
        let daemon = &json("sync-status")["sync_daemons"][0];
        for (option, key) in [
            ("syncid", "sync_id"),
            ("group", "group"),
            ("port", "port"),
            ("ttl", "ttl"),
        ] {
            let value = match &daemon[key] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(promised(&help, option), value, "{option}: {daemon}");
        }

        let help = shown("add-service --help");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("[new services: wlc]"), "{help}");
        assert!(help.contains("[without TIME: 6m]"), "{help}");
        let help = shown("add-destination --help");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("[new destinations: 1]"), "{help}");
        assert!(help.contains("[new destinations: this]"), "{help}");
        done("add-service -t 192.0.2.10:80 -p");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.7");
        assert_eq!(
            saved(),
            "-A -t 192.0.2.10:80 -s wlc -p 360\n-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 1"
        );
        let listed = &json("list")["services"][0];
        assert_eq!(
            listed["persistence"],
            json!({"timeout": "6m", "netmask": null})
        );
    });
}
