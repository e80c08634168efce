//! What is counted.

use std::hint::black_box;
use std::io;
use std::net::Ipv4Addr;

use clap::ValueEnum;
use ipvs::testing::{FakeKernel, Socket};
use ipvs::{
    Batch, Client, Destination, Endpoint, NewServices, Service, ServiceId, Table, Timeouts,
    VirtualServer,
};
use ipvs_sys::{Conversation, Deadline, Transport};

/// One kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Encode requests that add a destination
    EncodeDestination,
    /// Read dumps of destinations, a full piece at a time
    DecodeDestination,
    /// Restore a service with destinations on the fake kernel
    Restore,
}

/// How many destinations are in a full piece of a dump.
pub(crate) const PIECE: u32 = 91;

impl Work {
    pub(crate) fn name(self) -> String {
        self.to_possible_value().unwrap().get_name().to_owned()
    }

    /// How many destinations are in one of the times.
    pub(crate) fn destinations(self) -> u32 {
        match self {
            Self::EncodeDestination | Self::Restore => 1,
            Self::DecodeDestination => PIECE,
        }
    }

    /// How many times are counted, less as many.
    pub(crate) fn times(self) -> u32 {
        match self {
            Self::EncodeDestination | Self::DecodeDestination => 200,
            // More than go into one batch.
            Self::Restore => 1100,
        }
    }

    pub(crate) fn repeat(self, times: u32) {
        match self {
            Self::EncodeDestination => encode(times),
            Self::DecodeDestination => decode(times),
            Self::Restore => restore(times),
        }
    }
}

const SERVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

pub(crate) fn id() -> ServiceId {
    ServiceId::tcp(Endpoint::new(SERVICE.into(), 80))
}

pub(crate) fn destination(number: u32) -> Destination {
    let address = Ipv4Addr::from(0x0b00_0001 + number);
    Destination::new(Endpoint::new(address.into(), 80))
}

fn encode(times: u32) {
    let mut batch = Batch::with_capacity(1000);
    for number in 0..times {
        if batch.len() == 1000 {
            black_box(&mut batch).clear();
        }
        let destination = black_box(destination(number));
        batch
            .add_destination(black_box(id()), &destination)
            .unwrap();
    }
}

fn decode(times: u32) {
    assert_eq!(read(&mut replaying(times)), times * PIECE);
}

/// How many destinations are read.
pub(crate) fn read(ipvs: &mut Client) -> u32 {
    let mut count = 0;
    ipvs.for_each_destination(id(), |status| {
        black_box(status);
        count += 1;
    })
    .unwrap();
    count
}

/// A client of a kernel with so many full pieces of destinations.
pub(crate) fn replaying(times: u32) -> Client {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let server = VirtualServer::new(Service::new(id()), (0..PIECE).map(destination));
    let table = Table::new(Timeouts::default(), [server]);
    ipvs.restore(&table, NewServices::ScheduledFirst).unwrap();
    let replay = Replay {
        socket: kernel.socket(),
        piece: Vec::new(),
        times,
        left: 0,
    };
    Client::over(Conversation::over(Box::new(replay)).unwrap()).unwrap()
}

fn restore(times: u32) {
    let destinations = (0..times).map(destination);
    let server = VirtualServer::new(Service::new(id()), destinations);
    let table = Table::new(Timeouts::default(), [server]);
    let mut ipvs = FakeKernel::new().client().unwrap();
    ipvs.restore(&table, NewServices::ScheduledFirst).unwrap();
}

/// Gives each piece of a dump so many times: what grows with that is reading it.
struct Replay {
    socket: Socket,
    piece: Vec<u8>,
    times: u32,
    left: u32,
}

impl Transport for Replay {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.socket.send(datagram)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        if self.left > 0 {
            self.left -= 1;
            buffer[..self.piece.len()].copy_from_slice(&self.piece);
            return Ok(self.piece.len());
        }
        let length = self.socket.receive(buffer, deadline)?;
        if length > 4096 {
            self.piece = buffer[..length].to_vec();
            self.left = self.times - 1;
        }
        Ok(length)
    }
}
