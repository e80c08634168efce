//! A kernel whose answers can be held back.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use ipvs::asynchronous::Client;
use ipvs::testing::{FakeKernel, Socket};
use ipvs_sys::{Conversation, Deadline, Transport};

/// Through which every answer must.
#[derive(Clone)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// A client of this kernel behind an open gate.
    pub(crate) fn before(kernel: &FakeKernel) -> (Client, Self) {
        let gate = Self(Arc::new((Mutex::new(true), Condvar::new())));
        let socket = Gated {
            socket: kernel.socket(),
            gate: gate.clone(),
        };
        let connection = Conversation::over(Box::new(socket)).unwrap();
        let client = ipvs::Client::over(connection).unwrap();
        (Client::from(client), gate)
    }

    pub(crate) fn close(&self) {
        *self.0.0.lock().unwrap() = false;
    }

    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let is_open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(is_open, |is_open| !*is_open).unwrap());
    }
}

struct Gated {
    socket: Socket,
    gate: Gate,
}

impl Transport for Gated {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.socket.send(datagram)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        self.gate.pass();
        self.socket.receive(buffer, deadline)
    }
}

/// Waits until something is so that another thread is about to make so.
#[track_caller]
pub(crate) fn eventually(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came so");
        std::thread::sleep(Duration::from_millis(1));
    }
}
