//! What the client asks of the kernel is what ipvsadm asks, byte for byte, and what a kernel
//! answered is read as it was meant.
//!
//! Captured from ipvsadm 1.31 on Linux 6.1 (x86-64), from the generic netlink header on:
//! `strace -e trace=sendmsg -xx -s 4096 ipvsadm …`. ipvsadm names a service with an empty
//! configuration behind what identifies it; the kernel wants no more than that, and gets no more.

#![cfg(target_endian = "little")]
#![allow(clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod common;

use common::{attributes, endpoint, hex, mark, obeyed, seconds, server, web};
use ipvs::{
    Client, Destination, Encapsulation, Error, Family, Forwarding, GueChecksum, Persistence,
    Scheduler, SchedulerFlags, Service, ServiceId, Timeouts,
};

const SERVICE: u16 = 1;
const DEST: u16 = 2;

/// The one request that the client sends.
#[track_caller]
fn sent<T: std::fmt::Debug>(ask: impl FnOnce(&mut Client) -> Result<T, Error>) -> Vec<u8> {
    let (mut ipvs, sent) = obeyed();
    // Where an answer is wanted, that there is none comes after the request.
    let _ = ask(&mut ipvs);
    sent.one()
}

/// Four bytes a line, as attributes are aligned.
fn lines(bytes: &[u8]) -> Vec<String> {
    bytes.chunks(4).map(|word| format!("{word:02x?}")).collect()
}

#[track_caller]
fn assert_sends<T: std::fmt::Debug>(
    captured: &str,
    ask: impl FnOnce(&mut Client) -> Result<T, Error>,
) {
    assert_eq!(lines(&sent(ask)), lines(&hex(captured)));
}

/// The header is the same, ipvsadm's SERVICE begins with ours, and DEST is the same or, where only
/// a destination's identity is wanted, begins with ours.
#[track_caller]
fn assert_names<T: std::fmt::Debug>(
    captured: &str,
    ask: impl FnOnce(&mut Client) -> Result<T, Error>,
) {
    let (sent, captured) = (sent(ask), hex(captured));
    assert_eq!(sent[..4], captured[..4], "command and version");
    let (ours, theirs) = (attributes(&sent[4..]), attributes(&captured[4..]));
    let kinds = |nests: &[(u16, Vec<u8>)]| nests.iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    assert_eq!(kinds(&ours), kinds(&theirs));
    for ((kind, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        let same = if *kind == DEST && captured[0] != 7 {
            theirs.len()
        } else {
            ours.len()
        };
        assert!(ours.len() >= 20 && *kind <= DEST, "{kind}: {ours:02x?}");
        assert_eq!(lines(ours), lines(&theirs[..same]), "attribute {kind}");
    }
    assert_eq!(ours[0].0, SERVICE);
}

fn web6() -> ServiceId {
    ServiceId::tcp(endpoint("[2001:db8::10]:80"))
}

#[test]
fn adding_a_persistent_service() {
    // ipvsadm -A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0
    let captured = "
        01010000 54000180
          0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
          0600040000500000 0800060077727200 0c00070001000000ffffffff 080008002c010000
          08000900ffffff00";
    let persistence = Persistence::new(seconds(300)).netmask("255.255.255.0".parse().unwrap());
    let service = Service::new(web()).scheduler(Scheduler::WEIGHTED_ROUND_ROBIN);
    let service = service.persistent(persistence);
    assert_sends(captured, |ipvs| ipvs.add_service(&service));
    // Replacing it differs in the command alone.
    let captured = captured.replacen("01010000", "02010000", 1);
    assert_sends(&captured, |ipvs| ipvs.update_service(&service));
}

#[test]
fn adding_an_ipv6_service() {
    // ipvsadm -A -t [2001:db8::10]:80 -s rr
    let captured = "
        01010000 54000180
          060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
          0600040000500000 0700060072720000 0c00070000000000ffffffff 0800080000000000
          0800090080000000";
    let service = Service::new(web6()).scheduler(Scheduler::ROUND_ROBIN);
    assert_sends(captured, |ipvs| ipvs.add_service(&service));
}

#[test]
fn adding_a_service_of_a_mark_with_scheduler_flags() {
    // ipvsadm -A -f 7 -6 -s sh -b sh-fallback,sh-port
    let captured = "
        01010000 38000180
          060001000a000000 0800050007000000 0700060073680000 0c00070018000000ffffffff
          0800080000000000 0800090080000000";
    let service = Service::fwmark(mark(7), Family::Ipv6)
        .scheduler(Scheduler::SOURCE_HASHING)
        .scheduler_flags(SchedulerFlags::FALLBACK | SchedulerFlags::PORT);
    assert_sends(captured, |ipvs| ipvs.add_service(&service));
}

#[test]
fn setting_timeouts() {
    // ipvsadm --set 900 120 300
    let captured = "0c010000 0800040084030000 0800050078000000 080006002c010000";
    let timeouts = Timeouts::default()
        .tcp(seconds(900))
        .tcp_fin(seconds(120))
        .udp(seconds(300));
    assert_sends(captured, |ipvs| ipvs.set_timeouts(&timeouts));
    // What is not named is not sent.
    let one = Timeouts::default().tcp_fin(seconds(120));
    assert_sends("0c010000 0800050078000000", |ipvs| ipvs.set_timeouts(&one));
}

#[test]
fn what_has_no_parameters() {
    assert_sends("10010000", Client::zero);
    assert_sends("11010000", Client::flush);
    assert_sends("0d010000", Client::timeouts);
    assert_sends("0f010000", Client::info);
    assert_sends("04010000", Client::services);
}

#[test]
fn listing_the_destinations_of_a_service() {
    // ipvsadm -Ln: one dump for each service
    let v4 = "
        08010000 30000180
          0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
          0600040000500000";
    let v6 = "
        08010000 30000180
          060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
          0600040000500000";
    let marked = "08010000 14000180 060001000a000000 0800050007000000";
    let marked_id = ServiceId::fwmark(mark(7), Family::Ipv6);
    for (captured, id) in [(v4, web()), (v6, web6()), (marked, marked_id)] {
        let (mut ipvs, sent) = obeyed();
        ipvs.destinations(id).unwrap_err();
        let sent = sent.all();
        assert_eq!(lines(&sent[0]), lines(&hex(captured)));
        // An empty list is followed by the question whether the service is there.
        assert_eq!((sent.len(), sent[1][0]), (2, 4));
        assert_eq!(lines(&sent[1][4..]), lines(&sent[0][4..]));
    }
}

#[test]
fn naming_a_service() {
    let service = "
        54000180
          0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
          0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
          08000900ffffffff";
    // ipvsadm -Z -t 192.0.2.1:80
    assert_names(&format!("10010000 {service}"), |ipvs| {
        ipvs.zero_service(web())
    });
    // ipvsadm -D -t 192.0.2.1:80
    assert_names(&format!("03010000 {service}"), |ipvs| {
        ipvs.delete_service(web())
    });
}

/// A request about a destination of TCP 192.0.2.1:80.
fn of_web(command: &str, destination: &str) -> String {
    format!(
        "{command} 54000180
           0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
           0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
           08000900ffffffff
         60000280 {destination}"
    )
}

#[test]
fn adding_a_masqueraded_destination_with_thresholds() {
    // ipvsadm -a -t 192.0.2.1:80 -r 198.51.100.2:8080 -m -w 5 -x 100 -y 10
    let captured = of_web(
        "05010000",
        "06000b0002000000 14000100c6336402000000000000000000000000 060002001f900000
         0800030000000000 0800040005000000 05000d0000000000 06000e0000000000 06000f0000000000
         0800050064000000 080006000a000000",
    );
    let server = Destination::new(endpoint("198.51.100.2:8080"))
        .forwarding(Forwarding::Masquerade)
        .weight(5)
        .upper_threshold(mark(100))
        .lower_threshold(mark(10));
    assert_names(&captured, |ipvs| ipvs.add_destination(web(), &server));
}

#[test]
fn adding_a_destination_through_a_gue_tunnel() {
    // ipvsadm -a -t 192.0.2.1:80 -r 198.51.100.3 -i --tun-type gue --tun-port 6080 --tun-csum
    let captured = of_web(
        "05010000",
        "06000b0002000000 14000100c6336403000000000000000000000000 0600020000500000
         0800030002000000 0800040001000000 05000d0001000000 06000e0017c00000 06000f0001000000
         0800050000000000 0800060000000000",
    );
    let gue = Encapsulation::Gue {
        port: 6080.try_into().unwrap(),
        checksum: GueChecksum::Full,
    };
    let server = Destination::new(endpoint("198.51.100.3:80"));
    let server = server.forwarding(Forwarding::Tunnel(gue));
    assert_names(&captured, |ipvs| ipvs.add_destination(web(), &server));
}

#[test]
fn adding_an_ipv6_destination() {
    // ipvsadm -a -t [2001:db8::10]:80 -r [2001:db8::21]:8080 -m
    let captured = "
        05010000 54000180
          060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
          0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
          0800090080000000
        60000280
          06000b000a000000 1400010020010db8000000000000000000000021 060002001f900000
          0800030000000000 0800040001000000 05000d0000000000 06000e0000000000 06000f0000000000
          0800050000000000 0800060000000000";
    let server = Destination::new(endpoint("[2001:db8::21]:8080"));
    let server = server.forwarding(Forwarding::Masquerade);
    assert_names(captured, |ipvs| ipvs.add_destination(web6(), &server));
}

#[test]
fn changing_the_weight_of_a_destination() {
    // ipvsadm -e -t 192.0.2.1:80 -r 198.51.100.2:8080 -m -w 0
    let captured = of_web(
        "06010000",
        "06000b0002000000 14000100c6336402000000000000000000000000 060002001f900000
         0800030000000000 0800040000000000 05000d0000000000 06000e0000000000 06000f0000000000
         0800050000000000 0800060000000000",
    );
    let server = Destination::new(endpoint("198.51.100.2:8080"));
    let server = server.forwarding(Forwarding::Masquerade).weight(0);
    assert_names(&captured, |ipvs| ipvs.update_destination(web(), &server));
}

#[test]
fn deleting_a_destination() {
    // ipvsadm -d -t 192.0.2.1:80 -r 198.51.100.3
    let captured = of_web(
        "07010000",
        "06000b0002000000 14000100c6336403000000000000000000000000 0600020000500000
         0800030003000000 0800040001000000 05000d0000000000 06000e0000000000 06000f0000000000
         0800050000000000 0800060000000000",
    );
    let id = endpoint("198.51.100.3:80");
    assert_names(&captured, |ipvs| ipvs.delete_destination(web(), id));
}

#[test]
fn what_one_request_can_do_is_one_request() {
    // `sent` would not take more.
    assert_eq!(sent(|ipvs| ipvs.add_service(&Service::new(web())))[0], 1);
    assert_eq!(sent(|ipvs| ipvs.add_destination(web(), &server()))[0], 5);
    assert_eq!(sent(|ipvs| ipvs.service(web()))[0], 4);
}
