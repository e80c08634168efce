//! Sync daemons, on the kernel.

use std::num::{NonZeroU8, NonZeroU16};

use ipvs::{Client, Plan, SyncDaemon, SyncRole, Table, Timeouts};
use ipvs_lab::in_namespace;
use ipvs_lab::process::{ipvsadm, run};

/// A device that is there and carries nothing.
const DEVICE: &str = "dummy0";

fn client() -> Client {
    run("ip", &["link", "add", DEVICE, "type", "dummy"]);
    run("ip", &["link", "set", DEVICE, "up"]);
    Client::open().unwrap()
}

fn everything_set(role: SyncRole) -> SyncDaemon {
    SyncDaemon::new(role, DEVICE)
        .sync_id(255)
        .max_length(NonZeroU16::new(1400).unwrap())
        .group("239.1.1.1".parse().unwrap())
        .port(NonZeroU16::new(9000).unwrap())
        .ttl(NonZeroU8::new(5).unwrap())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_is_read_back_as_it_was_started_in_both_roles() {
    in_namespace(|| {
        let mut ipvs = client();
        assert_eq!(ipvs.sync_daemons().unwrap(), []);
        let daemons = [SyncRole::Master, SyncRole::Backup].map(everything_set);
        for daemon in &daemons {
            ipvs.start_sync_daemon(daemon).unwrap();
        }
        assert_eq!(ipvs.sync_daemons().unwrap(), daemons);
        let parameters =
            "(mcast=dummy0, syncid=255, maxlen=1400, group=239.1.1.1, port=9000, ttl=5)";
        assert_eq!(
            ipvsadm(&["-L", "--daemon"]),
            format!("master sync daemon {parameters}\nbackup sync daemon {parameters}")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_not_set_the_kernel_chooses_and_says() {
    in_namespace(|| {
        let mut ipvs = client();
        let wanted = SyncDaemon::new(SyncRole::Master, DEVICE);
        ipvs.start_sync_daemon(&wanted).unwrap();
        let daemons = ipvs.sync_daemons().unwrap();
        assert_eq!(
            daemons.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "master on dummy0, sync id 0, group 224.0.0.81, port 8848, ttl 1, messages up to 1472 bytes"
            ]
        );
        assert!(wanted.is_satisfied_by(&daemons[0]));
        assert!(!wanted.sync_id(1).is_satisfied_by(&daemons[0]));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipv6_group_is_read_back() {
    in_namespace(|| {
        let mut ipvs = client();
        let daemon = SyncDaemon::new(SyncRole::Backup, DEVICE).group("ff02::81".parse().unwrap());
        ipvs.start_sync_daemon(&daemon).unwrap();
        assert_eq!(ipvs.sync_daemons().unwrap()[0].group, daemon.group);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn starting_a_daemon_twice_says_that_it_runs() {
    in_namespace(|| {
        let mut ipvs = client();
        let daemon = SyncDaemon::new(SyncRole::Master, DEVICE);
        ipvs.start_sync_daemon(&daemon).unwrap();
        assert_eq!(
            ipvs.start_sync_daemon(&daemon).unwrap_err().to_string(),
            "a master sync daemon runs already: stop it before starting one with other parameters"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn stopping_a_daemon_that_does_not_run_says_so() {
    in_namespace(|| {
        let error = client().stop_sync_daemon(SyncRole::Backup).unwrap_err();
        assert_eq!(error.to_string(), "no backup sync daemon runs");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_that_is_not_there_is_named() {
    in_namespace(|| {
        let mut ipvs = client();
        let daemon = SyncDaemon::new(SyncRole::Master, "nowhere0");
        let error = ipvs.start_sync_daemon(&daemon).unwrap_err();
        assert_eq!(error.to_string(), "no such device: nowhere0");
        assert_eq!(ipvs.sync_daemons().unwrap(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_daemon_runs_beside_a_destination_of_another_family() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvsadm(&["-A", "-t", "192.0.2.1:80", "-s", "rr"]);
        ipvsadm(&["-a", "-t", "192.0.2.1:80", "-r", "[2001:db8::1]:80", "-i"]);
        let error = ipvs
            .start_sync_daemon(&SyncDaemon::new(SyncRole::Master, DEVICE))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "no sync daemon can run beside a destination of another address family than its service"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_the_kernel_would_refuse_without_a_reason_is_not_sent() {
    in_namespace(|| {
        let mut ipvs = client();
        let wrong_group = everything_set(SyncRole::Master).group("192.0.2.1".parse().unwrap());
        for (daemon, message) in [
            (
                wrong_group,
                "192.0.2.1 is not a multicast group: 224.0.0.0/4 or ff00::/8",
            ),
            (
                SyncDaemon::new(SyncRole::Master, "a-name-too-long0"),
                "\"a-name-too-long0\" cannot be a network device: a name has 1 to 15 bytes, no blanks, \
                 `/` or `:`",
            ),
        ] {
            assert_eq!(
                ipvs.start_sync_daemon(&daemon).unwrap_err().to_string(),
                message
            );
        }
    });
}

/// The kernel does not answer where the daemon never came to run: on one CPU most of the time.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_stopped_right_after_its_start_is_stopped_though_the_kernel_may_be_silent() {
    in_namespace(|| {
        let mut ipvs = client();
        for role in [SyncRole::Master, SyncRole::Backup] {
            for _ in 0..4 {
                ipvs.start_sync_daemon(&SyncDaemon::new(role, DEVICE))
                    .unwrap();
                ipvs.stop_sync_daemon(role).unwrap();
                assert_eq!(ipvs.sync_daemons().unwrap(), []);
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_plan_starts_a_daemon_anew_only_where_its_parameters_differ() {
    in_namespace(|| {
        let mut ipvs = client();
        let wanted = |id| {
            let daemon = SyncDaemon::new(SyncRole::Master, DEVICE).sync_id(id);
            Table::new(Timeouts::default(), []).sync_daemons([daemon])
        };
        for (id, changes) in [(1, 1), (1, 0), (2, 2)] {
            let plan = Plan::between(&ipvs.table().unwrap(), &wanted(id));
            assert_eq!(plan.changes().len(), changes, "{plan:?}");
            ipvs.apply(&plan).unwrap();
            assert_eq!(ipvs.sync_daemons().unwrap()[0].sync_id, id);
        }
    });
}
