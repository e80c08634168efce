//! What tells one thing from another.

use ipvs::{
    Destination, Encapsulation, Family, Forwarding, IneffectiveServices, Service, ServiceId,
};
use ipvs_lab::in_namespace;

use crate::common::program::shown;
use crate::common::{client, destinations, endpoint, mark, read, saved, seconds};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipv6_address_that_ends_in_zeroes_does_not_become_ipv4() {
    in_namespace(|| {
        let mut ipvs = client();
        // Its first four bytes are those of 32.1.13.184.
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        let v6 = ServiceId::tcp(endpoint("[2001:db8::]:80"));
        let v4 = ServiceId::tcp(endpoint("32.1.13.184:80"));
        for id in [v6, v4] {
            ipvs.add_service(&Service::new(id)).unwrap();
            assert_eq!(read(&mut ipvs, id).id, id);
            let near = match id.family() {
                Family::Ipv4 => "32.1.13.185:80",
                Family::Ipv6 => "[2001:db9::]:80",
            };
            let far = match id.family() {
                Family::Ipv4 => "[2001:db9::]:80",
                Family::Ipv6 => "32.1.13.185:80",
            };
            let near = Destination::new(endpoint(near));
            let far = Destination::new(endpoint(far)).forwarding(tunnel);
            ipvs.add_destination(id, &near).unwrap();
            ipvs.add_destination(id, &far).unwrap();
            assert_eq!(destinations(&mut ipvs, id), [far, near]);
        }
        let table = [
            "-A -t 32.1.13.184:80 -s wlc",
            "-A -t [2001:db8::]:80 -s wlc",
            "-a -t 32.1.13.184:80 -r 32.1.13.185:80 -g -w 1",
            "-a -t 32.1.13.184:80 -r [2001:db9::]:80 -i -w 1 --tun-type ipip",
            "-a -t [2001:db8::]:80 -r 32.1.13.185:80 -i -w 1 --tun-type ipip",
            "-a -t [2001:db8::]:80 -r [2001:db9::]:80 -g -w 1",
        ];
        // ipvsadm has no order for addresses of both families.
        for saved in [saved(), shown("save --format ipvsadm")] {
            let mut lines: Vec<_> = saved.lines().collect();
            lines.sort_unstable();
            assert_eq!(lines, table);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipv4_address_within_an_ipv6_one_does_not_become_that() {
    in_namespace(|| {
        let mut ipvs = client();
        // Clients of the mapped address send IPv4 packets, so the service would be refused.
        ipvs.set_ineffective_services(IneffectiveServices::Accept);
        let [mapped, compatible] = ["[::ffff:192.0.2.10]:80", "[::192.0.2.10]:80"].map(endpoint);
        let plain = endpoint("192.0.2.10:80");
        for address in [mapped, compatible, plain] {
            ipvs.add_service(&Service::tcp(address)).unwrap();
        }
        let mut found: Vec<_> = ipvs.services().unwrap();
        found.sort_by_key(|status| status.service.id);
        let found: Vec<_> = found.iter().map(|status| status.service.id).collect();
        assert_eq!(found, [plain, compatible, mapped].map(ServiceId::tcp));
        for address in [mapped, compatible, plain] {
            ipvs.delete_service(ServiceId::tcp(address)).unwrap();
        }
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_that_differ_in_one_thing_are_not_one() {
    in_namespace(|| {
        let mut ipvs = client();
        let all = [
            ServiceId::tcp(endpoint("192.0.2.10:80")),
            ServiceId::tcp(endpoint("192.0.2.10:81")),
            ServiceId::tcp(endpoint("192.0.2.11:80")),
            ServiceId::tcp(endpoint("192.0.2.10")),
            ServiceId::udp(endpoint("192.0.2.10:80")),
            ServiceId::sctp(endpoint("192.0.2.10:80")),
            ServiceId::fwmark(mark(80), Family::Ipv4),
            ServiceId::fwmark(mark(80), Family::Ipv6),
            // The same mark in another order of bytes.
            ServiceId::fwmark(mark(80 << 24), Family::Ipv4),
        ];
        let timeout = |number: usize| seconds(number as u64 + 1);
        for (number, id) in all.into_iter().enumerate() {
            let service = Service::new(id).persistent(timeout(number));
            ipvs.add_service(&service).unwrap();
        }
        for (number, id) in all.into_iter().enumerate() {
            let persistence = read(&mut ipvs, id).persistence.unwrap();
            assert_eq!(persistence.timeout, timeout(number), "{id}");
        }
        for (number, id) in all.into_iter().enumerate() {
            ipvs.delete_service(id).unwrap();
            let left = ipvs.services().unwrap();
            assert_eq!(left.len(), all.len() - number - 1);
            assert!(left.iter().all(|status| status.service.id != id), "{id}");
        }
    });
}
