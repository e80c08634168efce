//! Who may do what.

use std::fs;

use ipvs::Service;
use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_FLUSH, IPVS_CMD_GET_DEST, IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE,
    IPVS_CMD_NEW_SERVICE,
};
use netlink_sys::SocketAddr;

use crate::common::{client, saved, web};
use crate::nobody::as_nobody;
use crate::wire::{GENL_ID_CTRL, Request, Wire, lookup};

fn info() -> Request {
    Request::new(IPVS_CMD_GET_INFO, &[])
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn anybody_may_ask_for_the_family() {
    in_namespace(|| {
        let answer = as_nobody(|| Wire::of(GENL_ID_CTRL).ask(lookup("IPVS")));
        assert_eq!(answer, None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn privilege_is_asked_for_after_the_command_was_found_and_before_it_is_read() {
    in_namespace(|| {
        client().add_service(&Service::new(web())).unwrap();
        as_nobody(|| {
            let unregistered = Request {
                kind: Some(0xfff0),
                ..info()
            };
            for (request, errno) in [
                (unregistered, Errno::ENOENT),
                (Request::new(255, &[]), Errno::EOPNOTSUPP),
                // Without a service.
                (Request::new(IPVS_CMD_NEW_SERVICE, &[]), Errno::EPERM),
                (Request::dump(IPVS_CMD_GET_SERVICE, &[]), Errno::EPERM),
                (Request::dump(IPVS_CMD_GET_DEST, &[]), Errno::EPERM),
                (Request::new(IPVS_CMD_FLUSH, &[]), Errno::EPERM),
                (info(), Errno::EPERM),
            ] {
                let header = request.header;
                assert_eq!(Wire::open().ask(request), Some(errno), "{header:?}");
            }
        });
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s wlc");
    });
}

/// What the kernel says to a request on a connected socket, which is sent without an address.
fn ask_connected(wire: &mut Wire) -> Option<Errno> {
    wire.socket.connect(&SocketAddr::new(0, 0)).unwrap();
    let datagram = wire.datagram(&[info()]);
    wire.socket.send(&datagram, 0).unwrap();
    wire.answers().last().unwrap().outcome()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn who_uses_a_socket_needs_the_privilege_whoever_opened_it() {
    in_namespace(|| {
        let mut wire = Wire::open();
        assert_eq!(wire.ask(info()), None);
        as_nobody(|| {
            assert_eq!(wire.ask(info()), Some(Errno::EPERM));
            assert_eq!(ask_connected(&mut wire), Some(Errno::EPERM));
        });
        assert_eq!(wire.ask(info()), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn who_opened_a_socket_needs_the_privilege_too_unless_each_datagram_has_an_address() {
    in_namespace(|| {
        let mut wire = as_nobody(Wire::open);
        assert_eq!(wire.ask(info()), None);
        assert_eq!(ask_connected(&mut wire), Some(Errno::EPERM));
        assert_eq!(wire.ask(info()), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn anybody_may_read_the_files() {
    in_namespace(|| {
        client().add_service(&Service::new(web())).unwrap();
        as_nobody(|| {
            for name in [
                "ip_vs",
                "ip_vs_app",
                "ip_vs_conn",
                "ip_vs_conn_sync",
                "ip_vs_stats",
                "ip_vs_stats_percpu",
            ] {
                let path = format!("/proc/thread-self/net/{name}");
                assert!(fs::read_to_string(path).unwrap().ends_with('\n'), "{name}");
            }
            let services = fs::read_to_string("/proc/thread-self/net/ip_vs").unwrap();
            assert!(services.contains("C000020A:0050"), "{services}");
        });
    });
}
