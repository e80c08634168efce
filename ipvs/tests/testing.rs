//! The fake kernel: what no kernel can be made to do, and what no client sends.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

use std::time::{Duration, Instant};

use ipvs::testing::{Command, FakeKernel, Socket};
use ipvs::{
    Client, Destination, Endpoint, Error, Family, Scheduler, Service, ServiceId, StatsWidth,
    SyncDaemon, SyncRole,
};
use ipvs_sys::{Deadline, Errno, Transport};
use proptest::prelude::*;

fn web() -> ServiceId {
    ServiceId::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap())
}

fn server() -> Endpoint {
    "198.51.100.7:80".parse().unwrap()
}

/// A kernel with TCP 192.0.2.10:80 and 198.51.100.7:80 behind it.
fn with_web() -> (FakeKernel, Client) {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    kernel.take_requests();
    (kernel, ipvs)
}

#[test]
fn traffic_is_read_and_zeroed_but_for_connections() {
    let (kernel, mut ipvs) = with_web();
    let beyond_32_bits = 1 << 40;
    kernel
        .edit_traffic(web(), server(), |traffic| {
            traffic.active_connections = 1;
            traffic.inactive_connections = 2;
            traffic.persistent_connections = 3;
            traffic.stats.connections = beyond_32_bits;
            traffic.stats.rates.incoming_bytes_per_second = beyond_32_bits;
        })
        .unwrap();
    kernel
        .edit_service_stats(web(), |stats| stats.outgoing_bytes = beyond_32_bits)
        .unwrap();

    let status = ipvs.destination(web(), server()).unwrap();
    assert_eq!(status.active_connections, 1);
    assert_eq!(status.inactive_connections, 2);
    assert_eq!(status.persistent_connections, 3);
    assert_eq!(status.stats.connections, beyond_32_bits);
    let rates = status.stats.rates;
    assert_eq!(rates.incoming_bytes_per_second, beyond_32_bits);
    let of_service = ipvs.service(web()).unwrap().stats;
    assert_eq!(of_service.outgoing_bytes, beyond_32_bits);
    assert_eq!(of_service.width, StatsWidth::Bits64);

    ipvs.zero_service(web()).unwrap();
    let status = ipvs.destination(web(), server()).unwrap();
    assert_eq!(status.stats, ipvs::Stats::default());
    assert_eq!(status.active_connections, 1);
    assert_eq!(ipvs.service(web()).unwrap().stats, ipvs::Stats::default());
}

#[test]
fn traffic_of_what_is_not_there_is_an_error() {
    let (kernel, _) = with_web();
    let elsewhere = "198.51.100.8:80".parse().unwrap();
    let error = kernel.edit_traffic(web(), elsewhere, |_| {}).unwrap_err();
    assert!(matches!(error, Error::DestinationNotFound { .. }));
    let missing = ServiceId::udp(server());
    let error = kernel.edit_service_stats(missing, |_| {}).unwrap_err();
    assert!(matches!(error, Error::ServiceNotFound(_)));
}

#[test]
fn a_refusal_is_for_one_request_and_one_command() {
    let (kernel, mut ipvs) = with_web();
    kernel.refuse_next(Command::DelService, Errno::ENOMEM as i32);
    kernel.refuse_next(Command::DelService, Errno::EINTR as i32);
    ipvs.services().unwrap();
    for errno in [Errno::ENOMEM, Errno::EINTR] {
        let error = ipvs.delete_service(web()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(errno as i32));
        assert_eq!(ipvs.services().unwrap().len(), 1);
    }
    ipvs.delete_service(web()).unwrap();
}

#[test]
fn silence_is_no_refusal_and_takes_no_time() {
    let (kernel, mut ipvs) = with_web();
    let begun = Instant::now();
    for command in [Command::Flush, Command::GetService] {
        kernel.silence_next(command);
    }
    let silent = |error| matches!(error, Error::Kernel(ipvs_sys::Error::TimedOut(_)));
    assert!(silent(ipvs.flush().unwrap_err()));
    assert!(silent(ipvs.services().unwrap_err()));
    assert_eq!(ipvs.services().unwrap(), []);

    // This one the client finds out about by itself.
    let daemon = SyncDaemon::new(SyncRole::Master, "eth0");
    ipvs.start_sync_daemon(&daemon).unwrap();
    kernel.silence_next(Command::DelDaemon);
    ipvs.stop_sync_daemon(SyncRole::Master).unwrap();
    assert_eq!(ipvs.sync_daemons().unwrap(), []);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn without_privilege_nothing_is_carried_out_or_read() {
    let (kernel, mut ipvs) = with_web();
    kernel.revoke_privilege();
    assert!(matches!(ipvs.flush(), Err(Error::PermissionDenied)));
    assert!(matches!(ipvs.info(), Err(Error::PermissionDenied)));
    // Opening takes none.
    let mut other = kernel.client().unwrap();
    assert!(matches!(other.services(), Err(Error::PermissionDenied)));
    kernel.grant_privilege();
    assert_eq!(other.services().unwrap().len(), 1);
}

#[test]
fn a_client_survives_that_the_module_is_loaded_anew() {
    let (kernel, mut ipvs) = with_web();
    kernel.unload();
    assert!(matches!(ipvs.services(), Err(Error::Unavailable)));
    assert!(matches!(kernel.client(), Err(Error::Unavailable)));
    kernel.load();
    assert_eq!(ipvs.services().unwrap(), []);
    ipvs.add_service(&Service::new(web())).unwrap();
    assert_eq!(kernel.client().unwrap().services().unwrap().len(), 1);
}

#[test]
fn a_kernel_without_ipv6_says_so() {
    let (kernel, mut ipvs) = with_web();
    kernel.disable_ipv6();
    let v6 = ServiceId::tcp("[2001:db8::10]:80".parse::<Endpoint>().unwrap());
    for error in [
        ipvs.add_service(&Service::new(v6)).unwrap_err(),
        ipvs.service(v6).unwrap_err(),
    ] {
        assert!(matches!(error, Error::FamilyUnsupported(Family::Ipv6)));
    }
}

#[test]
fn schedulers_and_devices_come_and_go() {
    let (kernel, mut ipvs) = with_web();
    let twos = Service::new(web()).scheduler(Scheduler::POWER_OF_TWO);
    assert!(ipvs.update_service(&twos).is_err());
    kernel.add_scheduler(&Scheduler::POWER_OF_TWO);
    ipvs.update_service(&twos).unwrap();
    kernel.remove_scheduler(&Scheduler::default());
    assert!(ipvs.update_service(&Service::new(web())).is_err());

    let daemon = SyncDaemon::new(SyncRole::Backup, "bond0");
    assert!(ipvs.start_sync_daemon(&daemon).is_err());
    kernel.add_interface("bond0");
    ipvs.start_sync_daemon(&daemon).unwrap();
    kernel.remove_interface("bond0");
    assert_eq!(ipvs.sync_daemons().unwrap()[0].interface, "bond0");
}

#[test]
fn requests_are_told_once_each() {
    let (kernel, mut ipvs) = with_web();
    ipvs.ensure_destination(web(), &Destination::new(server()))
        .unwrap();
    assert_eq!(kernel.take_requests(), [Command::GetDest]);
    let _ = ipvs.add_service(&Service::new(web()));
    assert_eq!(kernel.take_requests(), [Command::NewService]);
    assert_eq!(kernel.take_requests(), []);
}

#[test]
fn clients_in_several_threads_have_one_table() {
    let (kernel, mut ipvs) = with_web();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let kernel = kernel.clone();
            scope.spawn(move || {
                let mut ipvs = kernel.client().unwrap();
                for number in 0..50 {
                    let id = Endpoint::new([198, 18, thread, number].into(), 80);
                    ipvs.add_destination(web(), &Destination::new(id)).unwrap();
                }
            });
        }
    });
    assert_eq!(ipvs.destinations(web()).unwrap().len(), 201);
}

const REQUEST: u16 = 1;
const ACK: u16 = 4;
const DUMP: u16 = 0x300;
const FAMILY: u16 = 28;

/// A message of the family without attributes.
fn message(flags: u16, sequence: u32, command: Command) -> Vec<u8> {
    let mut bytes = 20u32.to_ne_bytes().to_vec();
    bytes.extend(FAMILY.to_ne_bytes());
    bytes.extend((REQUEST | flags).to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend([0; 4]);
    bytes.extend([command as u8, 1, 0, 0]);
    bytes
}

/// The next datagram.
fn receive(socket: &mut Socket, room: usize) -> Option<Vec<u8>> {
    let mut buffer = vec![0; room];
    let length = socket
        .receive(&mut buffer, &mut Deadline::after(Duration::ZERO))
        .ok()?;
    buffer.truncate(length);
    Some(buffer)
}

/// Type and sequence number of a message.
fn of(datagram: &[u8]) -> (u16, u32) {
    let [_, _, _, _, k0, k1, _, _, s0, s1, s2, s3, ..] = *datagram else {
        panic!("{datagram:?}");
    };
    (
        u16::from_ne_bytes([k0, k1]),
        u32::from_ne_bytes([s0, s1, s2, s3]),
    )
}

/// A kernel with so many marked services, each of 292 bytes in a dump.
fn with_services(number: u32) -> FakeKernel {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    for mark in 1..=number {
        let service = Service::fwmark(mark.try_into().unwrap(), Family::Ipv4);
        ipvs.add_service(&service).unwrap();
    }
    kernel
}

#[test]
fn a_dump_comes_in_pieces_of_the_kernels_size() {
    let mut socket = with_services(300).socket();
    socket.send(&message(DUMP, 7, Command::GetService)).unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = receive(&mut socket, 65536) {
        pieces.push(piece.len());
    }
    // The first was made before the kernel knew how much there is room for; the end comes alone.
    assert_eq!(pieces, [12 * 292, 111 * 292, 111 * 292, 66 * 292, 20]);
}

#[test]
fn a_second_dump_is_refused_while_one_is_open() {
    let mut socket = with_services(1).socket();
    for sequence in [1, 2] {
        let question = message(DUMP, sequence, Command::GetService);
        socket.send(&question).unwrap();
    }
    let mut answers = Vec::new();
    while let Some(answer) = receive(&mut socket, 65536) {
        answers.push(of(&answer));
        if answers.len() == 2 {
            assert_eq!(answer[16..20], (-(Errno::EBUSY as i32)).to_ne_bytes());
        }
    }
    assert_eq!(answers, [(FAMILY, 1), (2, 2), (3, 1)]);
}

#[test]
fn several_requests_in_a_datagram_are_answered_one_by_one() {
    let mut socket = FakeKernel::new().socket();
    let batch = [
        message(0, 1, Command::Flush),
        message(ACK, 2, Command::Flush),
        message(0, 3, Command::NewService),
        message(ACK, 4, Command::GetInfo),
    ];
    socket.send(&batch.concat()).unwrap();
    let mut answers = Vec::new();
    while let Some(answer) = receive(&mut socket, 65536) {
        answers.push(of(&answer));
    }
    // Success is told to those who asked, refusal to all.
    assert_eq!(answers, [(2, 2), (2, 3), (FAMILY, 4), (2, 4)]);
}

#[test]
fn an_answer_longer_than_the_buffer_says_how_long_it_was() {
    let mut socket = FakeKernel::new().socket();
    socket.send(&message(ACK, 1, Command::Flush)).unwrap();
    let mut buffer = [0; 4];
    assert_eq!(
        socket
            .receive(&mut buffer, &mut Deadline::after(Duration::ZERO))
            .unwrap(),
        36
    );
    assert_eq!(buffer, 36u32.to_ne_bytes());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        FakeKernel::new().socket().send(&bytes).unwrap();
    }

    #[test]
    fn no_attributes_make_it_panic(
        command in 0u8..20,
        dump: bool,
        attributes in prop::collection::vec((0u16..16, prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        nested: bool,
    ) {
        let mut payload: Vec<u8> = attributes.into_iter().flat_map(|(kind, value)| attribute(kind, &value)).collect();
        if nested {
            payload = (1..4).flat_map(|kind| attribute(kind, &payload)).collect();
        }
        let mut bytes = message(if dump { DUMP } else { ACK }, 1, Command::Flush);
        bytes[16] = command;
        bytes.extend(payload);
        let length = u32::try_from(bytes.len()).unwrap();
        bytes[..4].copy_from_slice(&length.to_ne_bytes());

        let (kernel, mut ipvs) = with_web();
        let mut socket = kernel.socket();
        socket.send(&bytes).unwrap();
        prop_assert!(receive(&mut socket, 65536).is_some());
        ipvs.table().unwrap();
    }
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len() + 4).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
