//! Sync daemons by the program: started and stopped once each, and what is no way to do that.

use ipvs_lab::{in_namespace, process};
use serde_json::json;

use crate::common::client;
use crate::common::program::{done, json, refused, shown, typed};

fn by_ipvsadm() -> String {
    process::ipvsadm(&["-L", "--daemon"])
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn each_starts_once_and_stops_once() {
    in_namespace(|| {
        let running = || {
            let roles = by_ipvsadm();
            let roles = roles
                .lines()
                .map(|line| line.split(' ').next().unwrap().to_owned());
            roles.collect::<Vec<_>>()
        };
        for (role, roles) in [
            ("master", &["master"][..]),
            ("backup", &["master", "backup"]),
        ] {
            refused(
                &format!("stop-sync {role}"),
                &format!("no {role} sync daemon runs"),
            );
            done(&format!("start-sync {role} --interface lo"));
            assert_eq!(running(), roles);
            refused(
                &format!("start-sync {role} --interface lo"),
                &format!(
                    "a {role} sync daemon runs already: stop it before starting one with other \
                     parameters"
                ),
            );
        }
        assert_eq!(shown("sync-status").lines().count(), 2);
        for (role, roles) in [("master", &["backup"][..]), ("backup", &[])] {
            // The kernel may stay silent when a daemon is stopped that never ran.
            std::thread::sleep(std::time::Duration::from_millis(200));
            done(&format!("stop-sync {role}"));
            assert_eq!(running(), roles);
            refused(
                &format!("stop-sync {role}"),
                &format!("no {role} sync daemon runs"),
            );
        }
        assert_eq!(json("sync-status"), json!({"sync_daemons": []}));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_option_reaches_the_kernel() {
    in_namespace(|| {
        process::run("ip", &["link", "add", "dummy0", "type", "dummy"]);
        process::run("ip", &["link", "set", "dummy0", "up"]);
        done(
            "start-sync backup --interface dummy0 --syncid 255 --maxlen 1400 --group 239.1.1.1 \
             --port 9000 --ttl 5",
        );
        // As ipvsadm calls them.
        done(
            "start-sync master --mcast-interface=dummy0 --syncid=1 --sync-maxlen=1500 \
             --mcast-group=ff02::81 --mcast-port=9001 --mcast-ttl=255",
        );
        assert_eq!(
            by_ipvsadm(),
            "master sync daemon (mcast=dummy0, syncid=1, maxlen=1500, group=ff02::81, port=9001, \
             ttl=255)\n\
             backup sync daemon (mcast=dummy0, syncid=255, maxlen=1400, group=239.1.1.1, port=9000, \
             ttl=5)"
        );
        let expected = json!({
            "role": "backup",
            "interface": "dummy0",
            "sync_id": 255,
            "max_length": 1400,
            "group": "239.1.1.1",
            "port": 9000,
            "ttl": 5,
        });
        assert_eq!(json("sync-status")["sync_daemons"][1], expected);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn wrong_arguments_start_and_stop_nothing() {
    in_namespace(|| {
        done("start-sync master --interface lo --syncid 3");
        std::thread::sleep(std::time::Duration::from_millis(200));
        let before = client().table().unwrap();
        let on_lo = "start-sync backup --interface lo";
        let usage = [
            "start-sync",
            "start-sync test",
            "start-sync backup",
            "start-sync --interface lo",
            "start-sync test --interface lo",
            "start-sync backup --interface",
            "start-sync backup --interface a-name-too-long0",
            "start-sync backup master --interface lo",
            "stop-sync",
            "stop-sync test",
            "stop-sync master backup",
            "stop-sync master --interface lo",
            "sync-status master",
        ];
        let values = [
            "--syncid",
            "--syncid test",
            "--syncid 256",
            "--syncid -1",
            "--maxlen",
            "--maxlen 0",
            "--maxlen 65536",
            "--group",
            "--group test",
            "--group 239.1.1.1:9000",
            "--port 0",
            "--port 65536",
            "--ttl 0",
            "--ttl 256",
        ];
        let usage = usage.map(str::to_owned).into_iter();
        let usage = usage.chain(values.map(|value| format!("{on_lo} {value}")));
        let refused = [
            "start-sync backup --interface nowhere0".to_owned(),
            format!("{on_lo} --group 192.0.2.1"),
            format!("{on_lo} --maxlen 65508"),
            "start-sync master --interface lo --syncid 3".to_owned(),
            "stop-sync backup".to_owned(),
        ];
        let lines = usage
            .map(|line| (line, 2))
            .chain(refused.map(|line| (line, 1)));
        for (line, status) in lines {
            let output = typed(&line, "");
            assert_eq!(output.status, Some(status), "{line}: {}", output.stderr);
            assert!(
                output.stderr.starts_with("error: "),
                "{line}: {}",
                output.stderr
            );
            assert_eq!(client().table().unwrap(), before, "after {line}");
        }
    });
}
