//! Answers that others lose, take for those of another request, or leave lying about.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use ipvs::{Client, Destination, Endpoint, Error, Scheduler, Service, ServiceId, Timeouts};
use ipvs_lab::in_namespace;
use ipvs_sys::{Conversation, Deadline, Transport};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, connect, recv,
    send, socket,
};

use crate::common::{client, endpoint, read, refused, saved, seconds, server, web};

/// A socket of the kernel's that can be told to fail.
struct Unreliable {
    socket: OwnedFd,
    is_mute: Arc<AtomicBool>,
    is_deaf: Arc<AtomicBool>,
}

impl Transport for Unreliable {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        if self.is_mute.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        send(self.socket.as_raw_fd(), datagram, MsgFlags::empty())?;
        Ok(())
    }

    /// What a deaf one does not hear stays in the socket.
    fn receive(&mut self, buffer: &mut [u8], _: &mut Deadline) -> io::Result<usize> {
        if self.is_deaf.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(recv(self.socket.as_raw_fd(), buffer, MsgFlags::MSG_TRUNC)?)
    }
}

/// A client with a table, and what makes it mute and deaf.
fn unreliable() -> (Client, Arc<AtomicBool>, Arc<AtomicBool>) {
    let generic = SockProtocol::NetlinkGeneric;
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        generic,
    )
    .unwrap();
    bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).unwrap();
    connect(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).unwrap();
    let (is_mute, is_deaf) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
    let transport = Unreliable {
        socket,
        is_mute: is_mute.clone(),
        is_deaf: is_deaf.clone(),
    };
    let mut ipvs = Client::over(Conversation::over(Box::new(transport)).unwrap()).unwrap();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    (ipvs, is_mute, is_deaf)
}

/// What is asked of a client.
type Request = fn(&mut Client) -> Result<(), Error>;

/// One of every kind: answered, acknowledged, refused, dumped, an empty dump.
const REQUESTS: [Request; 8] = [
    |ipvs| ipvs.info().map(drop),
    |ipvs| ipvs.timeouts().map(drop),
    |ipvs| ipvs.service(web()).map(drop),
    |ipvs| ipvs.add_service(&Service::new(web())),
    |ipvs| ipvs.update_service(&Service::new(web()).scheduler(Scheduler::ROUND_ROBIN)),
    |ipvs| ipvs.services().map(drop),
    |ipvs| ipvs.destinations(web()).map(drop),
    |ipvs| ipvs.sync_daemons().map(drop),
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_reply_to_one_request_is_not_taken_for_that_of_the_next() {
    in_namespace(|| {
        let (mut ipvs, _, is_deaf) = unreliable();
        let other = ServiceId::udp(endpoint("192.0.2.10:53"));
        let missing = ServiceId::udp(endpoint("192.0.2.10:54"));
        ipvs.add_service(&Service::new(other)).unwrap();
        let unheard = |ipvs: &mut Client| {
            is_deaf.store(true, Ordering::Relaxed);
            for request in REQUESTS {
                let error = request(ipvs).unwrap_err();
                assert_eq!(
                    error.raw_os_error(),
                    None,
                    "{error}: it is not the kernel's"
                );
            }
            is_deaf.store(false, Ordering::Relaxed);
        };
        for _ in 0..3 {
            unheard(&mut ipvs);
            assert_eq!(read(&mut ipvs, other), Service::new(other));
            unheard(&mut ipvs);
            assert!(ipvs.service(missing).unwrap_err().is_not_found());
            unheard(&mut ipvs);
            ipvs.set_timeouts(&Timeouts::default().udp(seconds(77)))
                .unwrap();
            assert_eq!(ipvs.timeouts().unwrap().udp, Some(seconds(77)));
            // A dump that nobody read is still open, and the kernel makes one at a time.
            unheard(&mut ipvs);
            assert_eq!(ipvs.services().unwrap().len(), 2);
            unheard(&mut ipvs);
            assert_eq!(ipvs.destinations(web()).unwrap().len(), 1);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_request_that_was_not_sent_is_not_a_success() {
    in_namespace(|| {
        let (mut ipvs, is_mute, _) = unreliable();
        for request in REQUESTS {
            is_mute.store(true, Ordering::Relaxed);
            let before = saved();
            let error = request(&mut ipvs).unwrap_err();
            assert_eq!(
                error.raw_os_error(),
                None,
                "{error}: it is not the kernel's"
            );
            assert!(!error.is_already_exists() && !error.is_not_found());
            assert_eq!(saved(), before);
        }
        is_mute.store(false, Ordering::Relaxed);
        assert_eq!(ipvs.services().unwrap().len(), 1);
    });
}

/// Sockets of generic netlink in this namespace, with how many bytes wait in each.
fn sockets() -> Vec<(String, u64)> {
    const GENERIC: &str = "16";
    let table = fs::read_to_string("/proc/thread-self/net/netlink").unwrap();
    let rows = table.lines().skip(1);
    let rows = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row[1] == GENERIC && row[2] != "0")
        .map(|row| (row[9].to_owned(), row[4].parse().unwrap()))
        .collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_answer_is_left_in_the_socket_and_no_request_opens_another() {
    in_namespace(|| {
        assert_eq!(sockets(), []);
        let mut ipvs = client();
        let [(socket, 0)] = &sockets()[..] else {
            panic!("{:?}", sockets());
        };
        ipvs.add_service(&Service::new(web())).unwrap();
        for number in 0..300_u16 {
            let [high, low] = number.to_be_bytes();
            let id = Endpoint::new([198, 18, high, low].into(), 80);
            ipvs.add_destination(web(), &Destination::new(id)).unwrap();
        }
        let invalid = Service::tcp(endpoint("192.0.2.10"));
        let missing = ServiceId::udp(endpoint("192.0.2.10:53"));
        let others: [&dyn Fn(&mut Client); 3] = [
            &|ipvs| drop(refused(ipvs, |ipvs| ipvs.add_service(&invalid))),
            &|ipvs| drop(refused(ipvs, |ipvs| ipvs.service(missing))),
            &|ipvs| drop(ipvs.table().unwrap()),
        ];
        for request in REQUESTS {
            let _ = request(&mut ipvs);
            assert_eq!(sockets(), [(socket.clone(), 0)]);
        }
        for request in others {
            request(&mut ipvs);
            assert_eq!(sockets(), [(socket.clone(), 0)]);
        }
        drop(ipvs);
        assert_eq!(sockets(), []);
    });
}

/// A service of this thread alone.
fn own_service(thread: u16) -> Service {
    let id = Endpoint::new([192, 0, 2, 10].into(), 1000 + thread);
    Service::tcp(id).persistent(seconds(u64::from(thread) + 1))
}

/// Reads what is this thread's, by requests of every kind.
fn converse(ipvs: &mut Client, thread: u16, turn: u32) {
    let service = own_service(thread);
    let id = Endpoint::new([198, 51, 100, 7].into(), 1000 + thread);
    assert_eq!(read(ipvs, service.id), service);
    let destination = Destination::new(id).weight(turn);
    ipvs.update_destination(service.id, &destination).unwrap();
    let found = ipvs.destination(service.id, id).unwrap().destination;
    assert_eq!(found, destination);
    assert!(ipvs.add_service(&service).unwrap_err().is_already_exists());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn threads_do_not_take_each_others_answers() {
    const THREADS: u16 = 8;
    in_namespace(|| {
        for thread in 0..THREADS {
            let service = own_service(thread);
            let mut ipvs = client();
            ipvs.add_service(&service).unwrap();
            let id = Endpoint::new([198, 51, 100, 7].into(), 1000 + thread);
            ipvs.add_destination(service.id, &Destination::new(id))
                .unwrap();
        }
        thread::scope(|scope| {
            for thread in 0..THREADS {
                scope.spawn(move || {
                    let mut ipvs = client();
                    (1..=100).for_each(|turn| converse(&mut ipvs, thread, turn));
                });
            }
        });
        // One for all of them, each in its turn.
        let shared = Mutex::new(client());
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let shared = &shared;
                scope.spawn(move || {
                    for turn in 1..=100 {
                        converse(&mut shared.lock().unwrap(), thread, turn);
                        thread::yield_now();
                    }
                });
            }
        });
    });
}
