//! Services that the kernel takes although they make little sense.

use std::io::ErrorKind;
use std::net::TcpStream;

use ipvs::{Destination, Endpoint, Forwarding, Protocol, Scheduler, Service, ServiceId};
use ipvs_lab::in_namespace;
use ipvs_sys::constants::{
    IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_FLAGS, IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PE_NAME,
    IPVS_SVC_ATTR_PROTOCOL, IPVS_SVC_ATTR_TIMEOUT,
};

use crate::attributes::value;
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, seconds, web};
use crate::service_requests::{add_with, is_carried_out, read};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn any_protocol_is_taken_and_read() {
    in_namespace(|| {
        let numbers = [0u16, 1, 50, 300, u16::MAX];
        for number in numbers {
            let protocol = number.to_ne_bytes();
            is_carried_out(add_with(&[(IPVS_SVC_ATTR_PROTOCOL, &protocol)]));
        }
        let services = client().services().unwrap();
        let mut found: Vec<_> = services
            .iter()
            .map(|status| match status.service.id {
                ServiceId::Address { protocol, .. } => protocol,
                other => panic!("{other:?}"),
            })
            .collect();
        found.sort();
        assert_eq!(found, numbers.map(Protocol::from));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn any_address_is_taken_for_a_service() {
    in_namespace(|| {
        for address in [[0; 4], [255; 4], [224, 0, 0, 1], [127, 255, 255, 255]] {
            is_carried_out(add_with(&[(IPVS_SVC_ATTR_ADDR, &address)]));
            let id = ServiceId::tcp(Endpoint::new(address.into(), 80));
            client().delete_service(id).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_engine_is_taken_for_any_protocol_and_without_persistence() {
    in_namespace(|| {
        is_carried_out(add_with(&[(IPVS_SVC_ATTR_PE_NAME, b"sip\0")]));
        let found = read();
        assert_eq!(value(&found, IPVS_SVC_ATTR_PROTOCOL), 6u16.to_ne_bytes());
        assert_eq!(value(&found, IPVS_SVC_ATTR_PE_NAME), b"sip\0");
        assert_eq!(value(&found, IPVS_SVC_ATTR_FLAGS)[0] & 1, 0);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_timeout_and_a_netmask_are_kept_where_there_is_no_persistence() {
    in_namespace(|| {
        let (timeout, netmask) = (60u32.to_ne_bytes(), [255, 0, 255, 0]);
        is_carried_out(add_with(&[
            (IPVS_SVC_ATTR_TIMEOUT, &timeout),
            (IPVS_SVC_ATTR_NETMASK, &netmask),
        ]));
        let found = read();
        assert_eq!(value(&found, IPVS_SVC_ATTR_TIMEOUT), timeout);
        assert_eq!(value(&found, IPVS_SVC_ATTR_NETMASK), netmask);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_without_a_scheduler_refuses_every_client() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:8080");
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web()).scheduler(Scheduler::NONE))
            .unwrap();
        let server = Destination::new(endpoint("198.51.100.7:8080"));
        ipvs.add_destination(web(), &server.forwarding(Forwarding::Masquerade))
            .unwrap();
        let vip = "192.0.2.10:80".parse().unwrap();
        let refused = TcpStream::connect_timeout(&vip, seconds(5)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        ipvs.update_service(&Service::new(web())).unwrap();
        talk_to("192.0.2.10:80");
    });
}
