//! Where there is no such kernel: what embeds this can be built and tested, on a stand-in.

use std::convert::Infallible;
use std::io;

use super::{Deadline, Transport};
use crate::Error;

/// A socket that cannot be.
pub(crate) struct KernelSocket(Infallible);

impl KernelSocket {
    pub(crate) fn open() -> Result<Self, Error> {
        Err(Error::Socket {
            call: "socket",
            source: io::ErrorKind::Unsupported.into(),
        })
    }
}

impl Transport for KernelSocket {
    fn send(&mut self, _: &[u8]) -> io::Result<()> {
        match self.0 {}
    }

    fn receive(&mut self, _: &mut [u8], _: &mut Deadline) -> io::Result<usize> {
        match self.0 {}
    }
}
