//! What the kernel takes without a word and then does not do. This is why the library refuses it
//! before anything is sent; what somebody else put there is read all the same.

use crate::common::{client, endpoint, mark, raw, read, refused, saved, seconds, server, web};
use ipvs::{
    Destination, Encapsulation, Error, Forwarding, Persistence, Protocol, Scheduler, Service,
    ServiceId,
};
use ipvs_lab::in_namespace;
use ipvs_sys::constants::{
    IP_VS_CONN_F_BYPASS, IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_LOCALNODE, IP_VS_CONN_F_TUNNEL,
    IP_VS_SVC_F_ONEPACKET, IP_VS_SVC_F_PERSISTENT,
};
use ipvs_sys::{CmdAttr, Command, Errno, SvcAttr};

/// The kernel's answer to a service, which is to carry it out.
#[track_caller]
fn is_accepted(command: Command, attributes: Vec<CmdAttr>) {
    assert_eq!(raw::ask(command, attributes), None);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn mark_0_becomes_a_service_of_no_address() {
    in_namespace(|| {
        let key = vec![SvcAttr::Af(raw::AF_INET), SvcAttr::Fwmark(0)];
        is_accepted(Command::NewService, raw::service(key, 0, 0));
        assert_eq!(saved(), "-A -t 0.0.0.0:0 -s rr");
        let found = client().services().unwrap();
        assert_eq!(found[0].service.id, ServiceId::tcp(endpoint("0.0.0.0")));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_protocol_that_is_never_scheduled() {
    in_namespace(|| {
        is_accepted(Command::NewService, raw::service(raw::key(47, 80), 0, 0));
        let mut ipvs = client();
        let found = ipvs.services().unwrap().remove(0).service;
        let ServiceId::Address { protocol, endpoint } = found.id else {
            panic!("{found:?}");
        };
        assert_eq!(
            (protocol, endpoint),
            (
                Protocol::Other(47),
                crate::common::endpoint("192.0.2.10:80")
            )
        );

        let again = found.clone().scheduler(Scheduler::NONE);
        let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&again));
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        // It can be got rid of.
        ipvs.delete_service(found.id).unwrap();
        assert_eq!(ipvs.services().unwrap(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_port_without_persistence() {
    in_namespace(|| {
        is_accepted(
            Command::NewService,
            raw::service(raw::key(raw::TCP, 0), 0, 0),
        );
        let mut ipvs = client();
        let id = ServiceId::tcp(endpoint("192.0.2.10"));
        let found = read(&mut ipvs, id);
        assert_eq!(found, Service::new(id).scheduler(Scheduler::ROUND_ROBIN));
        let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&found));
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_packet_of_a_protocol_with_connections() {
    in_namespace(|| {
        let service = raw::service(raw::key(raw::TCP, 80), IP_VS_SVC_F_ONEPACKET, 0);
        is_accepted(Command::NewService, service);
        let mut ipvs = client();
        let found = read(&mut ipvs, web());
        assert!(found.one_packet);
        let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&found));
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistence_that_overflows_is_another_one() {
    in_namespace(|| {
        let service = raw::service(raw::key(raw::TCP, 80), IP_VS_SVC_F_PERSISTENT, u32::MAX);
        is_accepted(Command::NewService, service);
        let mut ipvs = client();
        // How much is left of it depends on the kernel's tick rate.
        let found = read(&mut ipvs, web()).persistence.unwrap().timeout;
        assert!(found < seconds(u64::from(u32::MAX) / 99), "{found:?}");

        let longer = Service::new(web()).persistent(Persistence::new(seconds(u32::MAX.into())));
        let error = refused(&mut ipvs, |ipvs| ipvs.update_service(&longer));
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistence_of_no_time() {
    in_namespace(|| {
        let service = raw::service(raw::key(raw::TCP, 80), IP_VS_SVC_F_PERSISTENT, 0);
        is_accepted(Command::NewService, service);
        let found = read(&mut client(), web());
        assert_eq!(found.persistence, Some(Persistence::new(seconds(0))));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn forwarding_methods_that_mean_nothing() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        for (method, forwarding, name) in [
            (7, Forwarding::Other(7), "unknown-7"),
            (IP_VS_CONN_F_LOCALNODE, Forwarding::Local, "local"),
            (IP_VS_CONN_F_BYPASS, Forwarding::Bypass, "bypass"),
        ] {
            is_accepted(Command::SetDest, raw::destination(method, (0, 0, 0)));
            let found = ipvs.destination(web(), server()).unwrap().destination;
            assert_eq!(found.forwarding, forwarding);
            let error = refused(&mut ipvs, |ipvs| ipvs.update_destination(web(), &found));
            let message = "cannot be asked for: masquerade, direct or tunnel";
            assert_eq!(error.to_string(), format!("forwarding {name} {message}"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn tunnels_that_mean_nothing() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        for numbers in [(9, 5, 3), (1, 6080, 4), (2, 0, 2)] {
            is_accepted(
                Command::SetDest,
                raw::destination(IP_VS_CONN_F_TUNNEL, numbers),
            );
            let (kind, port, flags) = numbers;
            let tunnel = Forwarding::Tunnel(Encapsulation::Other { kind, port, flags });
            let found = ipvs.destination(web(), server()).unwrap().destination;
            assert_eq!(found.forwarding, tunnel);
            // ipvsadm crashes on a type that it does not know: this is read by us alone.
            let error = ipvs.update_destination(web(), &found).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "tunnel of type {kind} with port {port} and flags {flags} cannot be asked for: \
                     ipip, gue or gre"
                )
            );
            assert_eq!(
                ipvs.destination(web(), server()).unwrap().destination,
                found
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_port_of_its_own_that_nothing_rewrites() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::tcp(endpoint("192.0.2.10:81")))
            .unwrap();
        let [_, destination] = <[_; 2]>::try_from(raw::destination(IP_VS_CONN_F_DROUTE, (0, 0, 0)))
            .expect("a service and a destination");
        let service = CmdAttr::Service(raw::key(raw::TCP, 81));
        is_accepted(Command::NewDest, vec![service, destination]);
        let id = ServiceId::tcp(endpoint("192.0.2.10:81"));
        let found = ipvs.destinations(id).unwrap().remove(0).destination;
        assert_eq!(found.id, server());
        let error = refused(&mut ipvs, |ipvs| ipvs.update_destination(id, &found));
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_timeout_of_0_keeps_what_is_set() {
    in_namespace(|| {
        let mut ipvs = client();
        let before = ipvs.timeouts().unwrap();
        is_accepted(Command::SetConfig, vec![CmdAttr::TimeoutTcp(0)]);
        assert_eq!(ipvs.timeouts().unwrap(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_family_that_the_kernel_does_not_do_is_what_it_says() {
    in_namespace(|| {
        // Any but IPv4 and IPv6, and IPv6 where it is disabled.
        let key = vec![SvcAttr::Af(5), SvcAttr::Fwmark(mark(7).get())];
        let answer = raw::ask(Command::NewService, raw::service(key, 0, 0));
        assert_eq!(answer, Some(Errno::EAFNOSUPPORT));
    });
}
