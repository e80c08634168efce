//! The stand-in for the kernel socket on other systems, so that programs which embed this crate can
//! be built and tested there.

use std::convert::Infallible;
use std::io;

use super::{Deadline, Transport};
use crate::Error;

/// A socket that cannot exist.
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
