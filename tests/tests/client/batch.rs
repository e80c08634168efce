//! Many writes in few sends, on the kernel.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};

use crate::common::{client, endpoint, saved, web};
use ipvs::{
    Batch, Client, Destination, Endpoint, Error, OnError, Plan, Scheduler, Service, Table,
    Timeouts, VirtualServer, WriteOutcome,
};
use ipvs_lab::in_namespace;
use ipvs_sys::{Conversation, Deadline, Errno, Limits, Transport};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, connect, recv, send,
    socket,
};

/// A socket with the buffers that Linux gives, which claims that they hold any number of answers.
struct Boastful(OwnedFd);

impl Boastful {
    fn client() -> Client {
        let netlink = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkGeneric,
        )
        .unwrap();
        connect(netlink.as_raw_fd(), &NetlinkAddr::new(0, 0)).unwrap();
        Client::over(Conversation::over(Box::new(Self(netlink))).unwrap()).unwrap()
    }
}

impl Transport for Boastful {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        send(self.0.as_raw_fd(), datagram, MsgFlags::empty())?;
        Ok(())
    }

    /// The kernel answers inside `send`: what is not there does not come.
    fn receive(&mut self, buffer: &mut [u8], _: &mut Deadline) -> io::Result<usize> {
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        match recv(self.0.as_raw_fd(), buffer, flags) {
            Err(Errno::EAGAIN) => Err(io::ErrorKind::TimedOut.into()),
            outcome => Ok(outcome?),
        }
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        limits.answers = usize::MAX;
        limits
    }
}

/// 10.1.0.0 and so on.
fn server(number: u32) -> Destination {
    Destination::new(Endpoint::new(
        Ipv4Addr::from(0x0a01_0000 + number).into(),
        80,
    ))
}

fn round_robin() -> Service {
    Service::new(web()).scheduler(Scheduler::ROUND_ROBIN)
}

fn count(ipvs: &mut Client) -> usize {
    let destinations = ipvs.destinations(web());
    destinations.map_or(0, |destinations| destinations.len())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ten_thousand_destinations_are_added_in_one_batch() {
    in_namespace(|| {
        let mut ipvs = client();
        let mut batch = Batch::new();
        batch.add_service(&round_robin()).unwrap();
        for number in 0..10_000 {
            batch.add_destination(web(), &server(number)).unwrap();
        }
        let report = ipvs.commit(&mut batch, OnError::Stop);
        assert!(report.is_done(), "{report:?}");
        assert_eq!(count(&mut ipvs), 10_000);

        // Each of ten thousand refusals has an answer, and none is lost.
        let report = ipvs.commit(&mut batch, OnError::GoOn);
        assert_eq!(report.refused().count(), 10_001);
        assert!(report.error().is_none(), "{report:?}");
        assert!(report.refused().all(|(_, error)| error.is_already_exists()));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_batch_leaves_what_single_requests_leave() {
    let single = in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&round_robin()).unwrap();
        ipvs.add_destination(web(), &server(1)).unwrap();
        ipvs.add_destination(web(), &server(2).weight(0)).unwrap();
        ipvs.update_destination(web(), &server(1).weight(5))
            .unwrap();
        saved()
    });
    in_namespace(|| {
        let mut batch = Batch::new();
        batch.add_service(&round_robin()).unwrap();
        batch.add_destination(web(), &server(1)).unwrap();
        batch.add_destination(web(), &server(2).weight(0)).unwrap();
        batch
            .update_destination(web(), &server(1).weight(5))
            .unwrap();
        assert!(client().commit(&mut batch, OnError::Stop).is_done());
        assert_eq!(saved(), single);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_refusal_in_the_middle_is_told_and_does_not_stop_the_others() {
    in_namespace(|| {
        let mut ipvs = client();
        let mut batch = Batch::new();
        batch.add_service(&round_robin()).unwrap();
        batch.add_destination(web(), &server(1)).unwrap();
        batch.add_destination(web(), &server(1)).unwrap();
        let nowhere = Destination::new(endpoint("224.0.0.1:80"));
        batch.add_destination(web(), &nowhere).unwrap();
        batch.add_destination(web(), &server(2)).unwrap();
        let report = ipvs.commit(&mut batch, OnError::GoOn);
        let refused: Vec<_> = report.refused().collect();
        assert!(
            matches!(
                refused[..],
                [
                    (2, Error::DestinationExists { .. }),
                    (3, Error::DestinationRefused { .. })
                ]
            ),
            "{refused:?}"
        );
        assert_eq!(count(&mut ipvs), 2);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_plan_of_thousands_that_is_refused_at_its_end_leaves_nothing() {
    in_namespace(|| {
        let mut ipvs = client();
        let before = ipvs.table().unwrap();
        let mut destinations: Vec<_> = (0..9000).map(server).collect();
        destinations.push(Destination::new(endpoint("224.0.0.1:80")));
        let wanted = VirtualServer::new(round_robin(), destinations);
        let wanted = Table::new(Timeouts::default(), [wanted]);
        let error = ipvs.apply(&Plan::between(&before, &wanted)).unwrap_err();
        assert!(matches!(error.source, Error::DestinationRefused { .. }));
        assert!(error.not_undone.is_empty());
        assert_eq!(ipvs.table().unwrap(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_the_kernel_drops_answers_those_it_kept_are_heard_and_the_rest_is_found_out() {
    in_namespace(|| {
        let mut ipvs = Boastful::client();
        let mut batch = Batch::new();
        batch.add_service(&round_robin()).unwrap();
        for number in 0..1000 {
            batch.add_destination(web(), &server(number)).unwrap();
        }
        assert!(ipvs.commit(&mut batch, OnError::Stop).is_done());

        // A thousand refusals do not fit.
        let mut again = Batch::new();
        for number in 0..1000 {
            again.add_destination(web(), &server(number)).unwrap();
        }
        let report = ipvs.commit(&mut again, OnError::GoOn);
        let error = report.error().unwrap();
        assert!(error.is_outcome_unknown(), "{error}");
        let refused = report.refused().count();
        assert!((100..900).contains(&refused), "{refused}");
        let found = report
            .outcomes()
            .filter(|outcome| matches!(outcome, WriteOutcome::FoundDone));
        assert_eq!(found.count(), 1000 - refused);
        // Nothing is left that the next request could take for its answer.
        assert_eq!(count(&mut ipvs), 1000);
        ipvs.delete_service(web()).unwrap();
        assert_eq!(saved(), "");
    });
}
