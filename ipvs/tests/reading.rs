//! A table that changes while it is read.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

use std::io;
use std::time::Duration;

use ipvs::testing::{Command, FakeKernel, Socket};
use ipvs::{
    Client, Destination, Endpoint, Scheduler, Service, ServiceId, SyncDaemon, SyncRole, Timeouts,
};
use ipvs_sys::{Conversation, Deadline, Transport};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

fn web() -> ServiceId {
    ServiceId::tcp(endpoint("192.0.2.10:80"))
}

fn server() -> Destination {
    Destination::new(endpoint("198.51.100.7:80"))
}

/// Does something just before services are listed for the second time.
struct Meddling<F> {
    socket: Socket,
    meddle: Option<F>,
    lists: usize,
}

impl<F: FnOnce() + Send> Transport for Meddling<F> {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        if datagram[16] == Command::GetService as u8 {
            self.lists += 1;
        }
        if self.lists == 2 {
            if let Some(meddle) = self.meddle.take() {
                meddle();
            }
        }
        self.socket.send(datagram)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        self.socket.receive(buffer, deadline)
    }
}

/// The table as it is read while somebody does this between the two readings, and as it is then.
fn assert_is_noticed(change: fn(&mut Client)) {
    let kernel = FakeKernel::new();
    let mut other = kernel.client().unwrap();
    other.add_service(&Service::new(web())).unwrap();
    other.add_destination(web(), &server()).unwrap();
    let before = other.table().unwrap();

    let meddling = Meddling {
        socket: kernel.socket(),
        meddle: Some(move || change(&mut other)),
        lists: 0,
    };
    let connection = Conversation::over(Box::new(meddling)).unwrap();
    let read = Client::over(connection).unwrap().table().unwrap();
    assert_ne!(read, before);
    assert_eq!(read, kernel.client().unwrap().table().unwrap());
}

#[test]
fn whatever_changes_between_two_readings_is_noticed() {
    let changes: [fn(&mut Client); 7] = [
        |ipvs| {
            let edit = |service: &mut Service| service.scheduler = Scheduler::ROUND_ROBIN;
            ipvs.edit_service(web(), edit).unwrap();
        },
        |ipvs| {
            let other = Service::udp(endpoint("192.0.2.10:53"));
            ipvs.add_service(&other).unwrap();
        },
        |ipvs| ipvs.delete_service(web()).unwrap(),
        |ipvs| ipvs.update_destination(web(), &server().weight(7)).unwrap(),
        |ipvs| ipvs.delete_destination(web(), server().id).unwrap(),
        |ipvs| {
            let timeouts = Timeouts::default().udp(Duration::from_secs(7));
            ipvs.set_timeouts(&timeouts).unwrap();
        },
        |ipvs| {
            let daemon = SyncDaemon::new(SyncRole::Backup, "lo");
            ipvs.start_sync_daemon(&daemon).unwrap();
        },
    ];
    for change in changes {
        assert_is_noticed(change);
    }
}
