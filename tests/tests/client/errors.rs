//! What the kernel refuses: each row of the table in `ipvs/src/netlink/errno.rs`, the message that an
//! operator reads, and that nothing was changed.
//!
//! Not here: `EAFNOSUPPORT`. It needs a kernel that was started with `ipv6.disable=1`, or was built
//! without IPv6; `ipvs/tests/errors.rs` has its meaning, and `client/accepted.rs` how the kernel says it.

use std::net::Ipv4Addr;

use crate::common::{
    client, destination, endpoint, lines, mark, read, refused, saved, seconds, server, web,
};
use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Family, Forwarding, Persistence,
    Scheduler, Service, ServiceId,
};
use ipvs_lab::{in_namespace, process};
use ipvs_sys::Errno;
use nix::sched::{CloneFlags, unshare};

/// What is asked of a client.
type Request = fn(&mut Client) -> Result<(), Error>;
/// The same about a service or a destination of it.
type RequestOf = fn(&mut Client, Service, Destination) -> Result<(), Error>;

/// A client of a table with TCP 192.0.2.10:80 and 198.51.100.7:80 behind it.
fn with_web() -> Client {
    let mut ipvs = client();
    ipvs.add_service(&web_service()).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    ipvs
}

fn web_service() -> Service {
    let persistence = Persistence::new(seconds(300)).netmask("255.255.255.0".parse().unwrap());
    Service::new(web())
        .scheduler(Scheduler::ROUND_ROBIN)
        .persistent(persistence)
}

/// A service that is not there.
fn missing() -> ServiceId {
    ServiceId::udp(endpoint("[2001:db8::10]:53"))
}

/// 198.51.100.8:80, which is not there.
fn other_server() -> Endpoint {
    endpoint("198.51.100.8:80")
}

fn no_such_scheduler() -> Scheduler {
    "rrr".parse().unwrap()
}

#[track_caller]
fn assert_says(error: &Error, errno: Errno, message: &str) {
    assert_eq!(error.to_string(), message);
    assert_eq!(error.raw_os_error(), Some(errno as i32));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn adding_a_service_twice_says_that_it_exists() {
    in_namespace(|| {
        let mut ipvs = with_web();
        // Even with a scheduler that is not there.
        for scheduler in [Scheduler::WEIGHTED_ROUND_ROBIN, no_such_scheduler()] {
            let again = Service::new(web()).scheduler(scheduler);
            let error = refused(&mut ipvs, |ipvs| ipvs.add_service(&again));
            assert!(matches!(error, Error::ServiceExists(id) if id == web()));
            assert_says(
                &error,
                Errno::EEXIST,
                "service tcp:192.0.2.10:80 already exists",
            );
            assert!(error.is_already_exists());
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn whatever_names_a_service_that_is_not_there_says_so() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let service = Service::new(missing());
        let server = Destination::new(endpoint("[2001:db8:1::7]:53"));
        let requests: [RequestOf; 10] = [
            |ipvs, service, _| ipvs.update_service(&service),
            |ipvs, service, _| ipvs.edit_service(service.id, |_| {}).map(drop),
            |ipvs, service, _| ipvs.service(service.id).map(drop),
            |ipvs, service, _| ipvs.zero_service(service.id),
            |ipvs, service, _| ipvs.delete_service(service.id),
            |ipvs, service, server| ipvs.add_destination(service.id, &server),
            |ipvs, service, server| ipvs.update_destination(service.id, &server),
            |ipvs, service, server| ipvs.delete_destination(service.id, server.id),
            |ipvs, service, server| ipvs.destination(service.id, server.id).map(drop),
            |ipvs, service, _| ipvs.destinations(service.id).map(drop),
        ];
        for (number, request) in requests.into_iter().enumerate() {
            let error = refused(&mut ipvs, |ipvs| request(ipvs, service.clone(), server));
            assert!(
                matches!(error, Error::ServiceNotFound(id) if id == missing()),
                "{number}"
            );
            assert_says(
                &error,
                Errno::ESRCH,
                "no such service: udp:[2001:db8::10]:53",
            );
            assert!(error.is_not_found());
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_mark_of_the_other_family_is_not_there() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::fwmark(mark(7), Family::Ipv4))
            .unwrap();
        let v6 = ServiceId::fwmark(mark(7), Family::Ipv6);
        let error = refused(&mut ipvs, |ipvs| ipvs.delete_service(v6));
        assert_says(&error, Errno::ESRCH, "no such service: fwmark:7/ipv6");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_scheduler_that_is_not_there_is_named() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let message = "scheduler \"rrr\" is not in this kernel";
        let added = Service::new(missing()).scheduler(no_such_scheduler());
        let error = refused(&mut ipvs, |ipvs| ipvs.add_service(&added));
        assert!(matches!(&error, Error::SchedulerNotFound(name) if *name == no_such_scheduler()));
        assert_says(&error, Errno::ENOENT, message);

        let changed = Service::new(web()).scheduler(no_such_scheduler());
        let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&changed));
        assert_says(&error, Errno::ENOENT, message);
        assert_eq!(read(&mut ipvs, web()), web_service());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_an_engine_is_asked_for_as_well_both_are_named() {
    in_namespace(|| {
        let mut ipvs = with_web();
        for (scheduler, engine) in [("rr", "ftp"), ("rrr", "ftp")] {
            let (scheduler, engine) = (scheduler.parse::<Scheduler>().unwrap(), engine);
            let message = format!(
                "scheduler \"{scheduler}\" or persistence engine \"{engine}\" is not in this kernel"
            );
            let with_engine = |id| {
                let service = Service::new(id).scheduler(scheduler.clone());
                let service = service.persistent(seconds(60));
                service.persistence_engine(engine.parse().unwrap())
            };
            let error = refused(&mut ipvs, |ipvs| ipvs.add_service(&with_engine(missing())));
            assert!(matches!(error, Error::SchedulerOrEngineNotFound { .. }));
            assert_says(&error, Errno::ENOENT, &message);
            let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&with_engine(web())));
            assert_says(&error, Errno::ENOENT, &message);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn maglev_hashing_refuses_more_than_4093_destinations() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&web_service()).unwrap();
        let add = |ipvs: &mut Client, number: u32| {
            let address = Ipv4Addr::from(0x0a01_0000 + number);
            ipvs.add_destination(web(), &Destination::new(Endpoint::new(address.into(), 80)))
        };
        for number in 0..4093 {
            add(&mut ipvs, number).unwrap();
        }
        let hashed = Service::new(web()).scheduler(Scheduler::MAGLEV_HASHING);
        ipvs.update_service(&hashed).unwrap();
        ipvs.update_service(&web_service()).unwrap();

        add(&mut ipvs, 4093).unwrap();
        let error = ipvs.update_service(&hashed).unwrap_err();
        assert!(matches!(error, Error::SchedulerRefused { .. }));
        let message = "scheduler \"mh\" cannot serve tcp:192.0.2.10:80: mh takes at most 4093 \
                       destinations";
        assert_says(&error, Errno::EINVAL, message);
        assert_eq!(read(&mut ipvs, web()), web_service());
        assert_eq!(ipvs.destinations(web()).unwrap().len(), 4094);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn adding_a_destination_twice_says_that_it_exists() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let again = Destination::new(server()).weight(7);
        let error = refused(&mut ipvs, |ipvs| ipvs.add_destination(web(), &again));
        assert!(matches!(error, Error::DestinationExists { .. }));
        let message = "destination 198.51.100.7:80 of service tcp:192.0.2.10:80 already exists";
        assert_says(&error, Errno::EEXIST, message);
        assert!(error.is_already_exists());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn whatever_names_a_destination_that_is_not_there_says_so() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let requests: [Request; 4] = [
            |ipvs| ipvs.update_destination(web(), &Destination::new(other_server())),
            |ipvs| {
                ipvs.edit_destination(web(), other_server(), |_| {})
                    .map(drop)
            },
            |ipvs| ipvs.delete_destination(web(), other_server()),
            |ipvs| ipvs.destination(web(), other_server()).map(drop),
        ];
        for request in requests {
            let error = refused(&mut ipvs, request);
            assert!(matches!(error, Error::DestinationNotFound { .. }));
            let message = "no such destination: 198.51.100.8:80 of service tcp:192.0.2.10:80";
            assert_says(&error, Errno::ENOENT, message);
            assert!(error.is_not_found());
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_address_that_is_neither_unicast_nor_local_is_no_destination() {
    in_namespace(|| {
        process::run("ip", &["address", "add", "203.0.113.1/24", "dev", "lo"]);
        let mut ipvs = with_web();
        ipvs.add_service(&Service::new(missing())).unwrap();
        let v4 = ["0.0.0.0", "255.255.255.255", "224.0.0.1", "203.0.113.255"];
        let v6 = ["::", "ff02::1", "fe80::1", "::ffff:192.0.2.1"];
        for (service, address) in v4
            .map(|v4| (web(), v4))
            .into_iter()
            .chain(v6.map(|v6| (missing(), v6)))
        {
            let id = match service {
                ServiceId::Address { endpoint: vip, .. } => Endpoint {
                    port: vip.port,
                    ..endpoint(address)
                },
                _ => unreachable!(),
            };
            let added = Destination::new(id);
            let error = refused(&mut ipvs, |ipvs| ipvs.add_destination(service, &added));
            assert!(
                matches!(error, Error::DestinationRefused { .. }),
                "{address}: {error}"
            );
            let message = format!(
                "{id} cannot be a destination of service {service}: its address must be unicast \
                 or local, and lo must be up"
            );
            assert_says(&error, Errno::EINVAL, &message);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_lo_was_never_up_there_can_be_no_destination() {
    in_namespace(|| {
        unshare(CloneFlags::CLONE_NEWNET).unwrap();
        let mut ipvs = client();
        ipvs.add_service(&web_service()).unwrap();
        let server = Destination::new(server());
        let error = refused(&mut ipvs, |ipvs| ipvs.add_destination(web(), &server));
        assert!(matches!(error, Error::DestinationRefused { .. }));
        let message = "198.51.100.7:80 cannot be a destination of service tcp:192.0.2.10:80: its \
                       address must be unicast or local, and lo must be up";
        assert_says(&error, Errno::EINVAL, message);

        process::run("ip", &["link", "set", "lo", "up"]);
        ipvs.add_destination(web(), &server).unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn families_do_not_mix_while_a_sync_daemon_runs() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        let mixed = destination(web(), Family::Ipv6, tunnel);
        process::ipvsadm(&["--start-daemon", "master", "--mcast-interface", "lo"]);
        let error = refused(&mut ipvs, |ipvs| ipvs.add_destination(web(), &mixed));
        assert!(matches!(error, Error::MixedFamilyRefused { .. }));
        let message = "[2001:db8:1::7]:80 cannot be a destination of service tcp:192.0.2.10:80, \
                       which is of another address family: its address must be unicast or local, \
                       and no sync daemon may run";
        assert_says(&error, Errno::EINVAL, message);

        // The kernel may stay silent when a daemon is stopped that never ran.
        std::thread::sleep(std::time::Duration::from_millis(200));
        process::ipvsadm(&["--stop-daemon", "master"]);
        ipvs.add_destination(web(), &mixed).unwrap();
        let table = lines([
            "-A -t 192.0.2.10:80 -s rr -p 300 -M 255.255.255.0",
            "-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 1",
            "-a -t 192.0.2.10:80 -r [2001:db8:1::7]:80 -i -w 1 --tun-type ipip",
        ]);
        assert_eq!(saved(), table);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_tunnel_does_not_lead_to_an_address_of_another_family_that_is_not_unicast() {
    in_namespace(|| {
        let mut ipvs = with_web();
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        let nowhere = Destination::new(endpoint("[ff02::1]:80")).forwarding(tunnel);
        let error = refused(&mut ipvs, |ipvs| ipvs.add_destination(web(), &nowhere));
        assert!(matches!(error, Error::MixedFamilyRefused { .. }), "{error}");
    });
}
