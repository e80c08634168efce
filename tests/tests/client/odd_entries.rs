//! What somebody else put into the kernel and this library would not: it can be read, edited,
//! deleted, and given back by an undo.

use std::num::NonZeroU16;

use crate::common::{client, endpoint, raw, saved, seconds, server, web};
use ipvs::{
    Change, Client, Destination, Error, Forwarding, Invalid, Plan, Scheduler, Service, SyncDaemon,
    SyncRole, Table, Timeouts, VirtualServer,
};
use ipvs_lab::in_namespace;
use ipvs_lab::process::{ipvs_rs, ipvsadm, output_with_input, run};
use ipvs_sys::{CmdAttr, Command, DestAttr};

const LOCAL: u32 = 1;
const BYPASS: u32 = 4;
const DIRECT: u32 = 3;

/// TCP 192.0.2.10:80, and 198.51.100.7 behind it with a port that direct routing does not rewrite.
fn with_another_port() -> (Client, ipvs::DestinationId) {
    let mut ipvs = client();
    ipvs.add_service(&Service::new(web())).unwrap();
    let mut request = raw::destination(DIRECT, (0, 0, 0));
    for attribute in &mut request {
        if let CmdAttr::Dest(attributes) = attribute {
            for attribute in attributes {
                if let DestAttr::Port(port) = attribute {
                    *port = 8080;
                }
            }
        }
    }
    assert_eq!(raw::ask(Command::NewDest, request), None);
    (ipvs, endpoint("198.51.100.7:8080"))
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_with_a_port_that_is_not_rewritten_can_be_drained_and_deleted() {
    in_namespace(|| {
        let (mut ipvs, odd) = with_another_port();
        let drained = ipvs
            .edit_destination(web(), odd, |one| one.weight = 0)
            .unwrap();
        assert_eq!(ipvs.destination(web(), odd).unwrap().destination, drained);
        assert_eq!(drained.weight, 0);

        let tunnel = Forwarding::Tunnel(ipvs::Encapsulation::Ipip);
        let error = ipvs
            .edit_destination(web(), odd, |one| one.forwarding = tunnel)
            .unwrap_err();
        assert!(
            matches!(error, Error::Invalid(Invalid::PortNotRewritten { .. })),
            "{error}"
        );
        ipvs.edit_destination(web(), odd, |one| one.forwarding = Forwarding::Masquerade)
            .unwrap();

        ipvs.delete_destination(web(), odd).unwrap();
        assert_eq!(ipvs.destinations(web()).unwrap(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_local_destination_can_be_drained() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(
            raw::ask(Command::NewDest, raw::destination(LOCAL, (0, 0, 0))),
            None
        );
        let drained = ipvs
            .edit_destination(web(), server(), |one| one.weight = 0)
            .unwrap();
        assert_eq!((drained.weight, drained.forwarding), (0, Forwarding::Local));
        assert_eq!(
            ipvs.destination(web(), server()).unwrap().destination,
            drained
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_with_a_persistence_beyond_the_limit_can_have_another_scheduler() {
    in_namespace(|| {
        let mut ipvs = client();
        let persistent = raw::service(raw::key(raw::TCP, 80), 1, 4_000_000);
        assert_eq!(raw::ask(Command::NewService, persistent), None);
        let edited = ipvs
            .edit_service(web(), |service| {
                service.scheduler = Scheduler::WEIGHTED_ROUND_ROBIN;
            })
            .unwrap();
        assert_eq!(edited.persistence.unwrap().timeout, seconds(4_000_000));
        assert_eq!(ipvs.service(web()).unwrap().service, edited);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn undoing_gives_back_what_would_not_be_taken() {
    in_namespace(|| {
        let (mut ipvs, _) = with_another_port();
        let long = vec![CmdAttr::TimeoutTcp(3_000_000)];
        assert_eq!(raw::ask(Command::SetConfig, long), None);
        let before = ipvs.table().unwrap();

        let unknown: Scheduler = "nowhere".parse().unwrap();
        let wanted = Table::new(
            Timeouts::default().tcp(seconds(300)),
            [
                VirtualServer::new(Service::new(web()), [Destination::new(server())]),
                VirtualServer::new(
                    Service::udp(endpoint("192.0.2.10:53")).scheduler(unknown),
                    [],
                ),
            ],
        );
        let plan = Plan::between(&before, &wanted);
        let error = ipvs.apply(&plan).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot add service udp:192.0.2.10:53; nothing was changed"
        );
        assert_eq!(ipvs.table().unwrap(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_plan_of_deletions_can_be_made_and_applied() {
    in_namespace(|| {
        let (mut ipvs, odd) = with_another_port();
        let status = ipvs.destination(web(), odd).unwrap();
        let plan: Plan = [
            Change::DeleteDestination {
                service: web(),
                destination: status.destination,
            },
            Change::DeleteService(Service::new(web())),
        ]
        .into_iter()
        .collect();
        ipvs.apply(&plan).unwrap();
        assert_eq!(ipvs.services().unwrap(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_cannot_be_restored_is_left_out_of_a_save_and_named() {
    in_namespace(|| {
        let (mut ipvs, _) = with_another_port();
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        let long = vec![CmdAttr::TimeoutTcp(3_000_000)];
        assert_eq!(raw::ask(Command::SetConfig, long), None);

        let saved = ipvs_rs(&["save"]);
        assert_eq!(saved.status, Some(1));
        assert_eq!(
            saved.stderr,
            "error: not saved: restore would refuse it: timeout of 34d 17h 20m is out of range: 1s to \
             24d 20h 31m 23s, in whole seconds; restore would refuse it: destination \
             198.51.100.7:8080 must have the port of service tcp:192.0.2.10:80: direct forwarding \
             does not rewrite it (masquerade does)\n"
        );
        ipvs.flush().unwrap();
        output_with_input("ipvs-rs", &["restore"], &saved.stdout).success();
        assert_eq!(
            crate::common::saved(),
            "-A -t 192.0.2.10:80 -s wlc\n-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 1"
        );
    });
}

/// 198.51.100.7 with this port and method, behind TCP 192.0.2.10:80.
fn with_method(method: u32, port: u16) {
    let mut request = raw::destination(method, (0, 0, 0));
    for attribute in &mut request {
        if let CmdAttr::Dest(attributes) = attribute {
            for attribute in attributes {
                if let DestAttr::Port(present) = attribute {
                    *present = port;
                }
            }
        }
    }
    assert_eq!(raw::ask(Command::NewDest, request), None);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_of_the_method_local_is_not_left_out_of_a_save() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        with_method(LOCAL, 80);
        let theirs = saved();
        let warning = "destination 198.51.100.7:80 of service tcp:192.0.2.10:80 has the forwarding method \
                       local, which only other programs set: it is saved as direct";
        for format in ["toml", "json", "ipvsadm"] {
            let saved = ipvs_rs(&["save", "--format", format]);
            assert_eq!(saved.status, Some(0));
            assert_eq!(saved.stderr, format!("warning: {warning}\n"));
            let comment = format!("\n# {warning}\n");
            assert_eq!(saved.stdout.contains(&comment), format == "toml");
            ipvs.flush().unwrap();
            let arguments = ["restore", "--format", format];
            output_with_input("ipvs-rs", &arguments, &saved.stdout).success();
            assert_eq!(crate::common::saved(), theirs, "{format}");
            ipvs.flush().unwrap();
            ipvs.add_service(&Service::new(web())).unwrap();
            with_method(LOCAL, 80);
        }
        // Direct routing has the port of the service, and that destination is there already.
        with_method(LOCAL, 8080);
        let saved = ipvs_rs(&["save"]);
        assert_eq!(saved.status, Some(1));
        let left_out = "not saved: restore would refuse it: destination 198.51.100.7:8080 of service \
                        tcp:192.0.2.10:80: forwarding local cannot be asked for: masquerade, direct or tunnel\n";
        assert!(saved.stderr.ends_with(left_out), "{}", saved.stderr);
        assert!(
            saved.stdout.contains(&format!("# {left_out}")),
            "{}",
            saved.stdout
        );
    });
}

/// Direct routing would send its packets somewhere else, and what ipvsadm writes nobody can read.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_of_the_method_bypass_is_not_left_out_of_a_save_without_being_named() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        with_method(BYPASS, 80);
        let theirs = saved();
        assert!(
            theirs.ends_with(" -r 198.51.100.7:80 (null) -w 1"),
            "{theirs}"
        );
        let read = output_with_input("ipvsadm", &["-R"], &theirs);
        assert_ne!(read.status, Some(0), "ipvsadm reads what it writes");

        let left_out = "not saved: restore would refuse it: destination 198.51.100.7:80 of service \
                        tcp:192.0.2.10:80: forwarding bypass cannot be asked for: masquerade, direct or tunnel\n";
        for format in ["toml", "ipvsadm"] {
            let saved = ipvs_rs(&["save", "--format", format]);
            assert_eq!(saved.status, Some(1), "{format}");
            assert_eq!(saved.stderr, format!("error: {left_out}"));
            let comment = format!("# {left_out}");
            assert_eq!(saved.stdout.contains(&comment), format == "toml");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_for_every_port_goes_through_every_command_and_format() {
    in_namespace(|| {
        ipvsadm(&["-A", "-t", "192.0.2.10:80", "-s", "rr"]);
        ipvsadm(&["-a", "-t", "192.0.2.10:80", "-r", "198.51.100.7:0", "-m"]);
        let before = saved();
        for format in ["toml", "ipvsadm"] {
            let rules = ipvs_rs(&["save", "--format", format]).success();
            let arguments = ["restore", "--format", format];
            let said = output_with_input("ipvs-rs", &arguments, &rules).success();
            assert!(said.ends_with(": 0 changes\n"), "{said}");
            assert_eq!(saved(), before);
        }
        let destination = ["-t", "192.0.2.10:80", "-r", "198.51.100.7:0"];
        ipvs_rs(&[&["edit-destination"], &destination[..], &["-w", "0"]].concat()).success();
        assert_eq!(
            saved().lines().last(),
            Some("-a -t 192.0.2.10:80 -r 198.51.100.7:0 -m -w 0")
        );
        ipvs_rs(&[&["delete-destination"], &destination[..]].concat()).success();
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_sync_daemon_on_a_device_that_is_down_names_it_and_a_length_out_of_range_is_refused() {
    in_namespace(|| {
        run("ip", &["link", "add", "dummy0", "type", "dummy"]);
        let mut ipvs = client();
        let daemon = SyncDaemon::new(SyncRole::Master, "dummy0");
        assert_eq!(
            ipvs.start_sync_daemon(&daemon).unwrap_err().to_string(),
            "no sync daemon can speak on dummy0: bring it up, or give the namespace a route to \
             the group"
        );
        assert_eq!(ipvs.sync_daemons().unwrap(), []);

        run("ip", &["link", "set", "dummy0", "up"]);
        let too_long = daemon.clone().max_length(NonZeroU16::MAX);
        assert_eq!(
            ipvs.start_sync_daemon(&too_long).unwrap_err().to_string(),
            "sync messages of 65535 bytes are out of range: 1 to 65507"
        );
        let longest = daemon.max_length(NonZeroU16::new(65507).unwrap());
        ipvs.start_sync_daemon(&longest).unwrap();
        assert!(longest.is_satisfied_by(&ipvs.sync_daemons().unwrap()[0]));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_restore_of_nothing_is_refused() {
    in_namespace(|| {
        let said = output_with_input("ipvs-rs", &["restore"], "");
        assert_eq!(said.status, Some(1));
        assert_eq!(
            said.stderr,
            "error: standard input is empty: there is nothing to restore\n"
        );
        let said = ipvs_rs(&["restore", "rules.toml"]);
        assert_eq!(said.status, Some(1));
        assert_eq!(
            said.stderr,
            "error: restore reads standard input; run: ipvs-rs restore < rules.toml\n"
        );
    });
}
