use std::io;
use std::os::fd::AsFd;

use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_GENERIC};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, getsockopt, setsockopt, sockopt};

use super::{Deadline, Limits, Transport};
use crate::Error;

/// A generic netlink socket. It belongs to the network namespace in which it was opened.
pub(crate) struct KernelSocket {
    socket: Socket,
    /// Set by the first batch. A client that sends no batch needs no large buffers.
    limits: Option<Limits>,
}

/// Buffer size for batches, in bytes. The kernel doubles it.
const BATCH_BUFFER: usize = 1 << 20;

impl KernelSocket {
    pub(crate) fn open() -> Result<Self, Error> {
        let failed = |call| move |source| Error::Socket { call, source };
        let mut socket = Socket::new(NETLINK_GENERIC).map_err(failed("socket"))?;
        socket.bind_auto().map_err(failed("bind"))?;
        // A connected netlink socket receives datagrams only from its peer, so no other process can
        // inject one.
        socket
            .connect(&SocketAddr::new(0, 0))
            .map_err(failed("connect"))?;
        // Both options are newer than IPVS. An older kernel answers without them.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        Ok(Self {
            socket,
            limits: None,
        })
    }

    fn wait(&self, deadline: &mut Deadline) -> io::Result<()> {
        let left = deadline.remaining();
        // Rounded up, so that `poll` sleeps through the last fraction of a millisecond instead of spinning.
        let timeout = PollTimeout::try_from(left.as_millis() + 1).unwrap_or(PollTimeout::MAX);
        let mut readable = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        match poll(&mut readable, timeout)? {
            0 if deadline.is_over() => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

impl Transport for KernelSocket {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        retry_interrupted(|| self.socket.send(datagram, 0)).map(drop)
    }

    fn limits(&mut self) -> Limits {
        *self.limits.get_or_insert_with(|| {
            // Both need CAP_NET_ADMIN, as IPVS does. Without it, the buffers keep their size.
            let _ = setsockopt(&self.socket, sockopt::SndBufForce, &BATCH_BUFFER);
            let _ = setsockopt(&self.socket, sockopt::RcvBufForce, &BATCH_BUFFER);
            let sizes = getsockopt(&self.socket, sockopt::SndBuf)
                .and_then(|send| Ok((send, getsockopt(&self.socket, sockopt::RcvBuf)?)));
            match sizes {
                Ok((send, receive)) => Limits::of_buffers(send, receive),
                Err(_) => Limits::default(),
            }
        })
    }

    fn receive(&mut self, mut buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        // The kernel answers during `send`, so the answer has nearly always arrived already.
        let flags = (MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC).bits();
        loop {
            match retry_interrupted(|| self.socket.recv(&mut buffer, flags)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    retry_interrupted(|| self.wait(deadline))?;
                }
                outcome => return outcome,
            }
        }
    }
}

fn retry_interrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// These run on any Linux: the controller family is always registered.
#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use netlink_packet_core::{NLM_F_REQUEST, NetlinkMessage};
    use netlink_packet_generic::GenlMessage;
    use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd, nlas::GenlCtrlAttrs};

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    /// Sends a request for the controller family.
    fn asked() -> KernelSocket {
        let question = GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: vec![GenlCtrlAttrs::FamilyName("nlctrl".to_owned())],
        });
        let mut message = NetlinkMessage::from(question);
        message.header.flags = NLM_F_REQUEST;
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        let mut socket = KernelSocket::open().unwrap();
        socket.send(&bytes).unwrap();
        socket
    }

    #[test]
    fn an_answer_that_does_not_fit_says_how_long_it_was() {
        let mut whole = [0; 4096];
        let length = asked()
            .receive(&mut whole, &mut Deadline::after(LONG))
            .unwrap();
        assert!(whole.windows(7).any(|bytes| bytes == b"nlctrl\0"));
        let mut short = [0; 16];
        let told = asked()
            .receive(&mut short, &mut Deadline::after(LONG))
            .unwrap();
        assert_eq!(told, length);
        assert_eq!(short, whole[..16]);
    }

    #[test]
    fn silence_is_waited_for_until_the_deadline_and_no_longer() {
        let mut socket = KernelSocket::open().unwrap();
        for patience in [Duration::ZERO, Duration::from_millis(40)] {
            let before = Instant::now();
            let silence = socket.receive(&mut [0; 64], &mut Deadline::after(patience));
            assert_eq!(silence.unwrap_err().kind(), io::ErrorKind::TimedOut);
            let waited = before.elapsed();
            assert!(waited >= patience && waited < LONG, "{waited:?}");
        }
    }

    #[test]
    fn the_buffers_hold_some_requests_and_answers_at_least() {
        let mut socket = KernelSocket::open().unwrap();
        let limits = socket.limits();
        assert!(limits.bytes >= 4096 && limits.answers >= 3, "{limits:?}");
        assert_eq!(socket.limits(), limits);
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let mut calls = 0;
        let outcome = retry_interrupted(|| {
            calls += 1;
            match calls {
                1 | 2 => Err(io::ErrorKind::Interrupted.into()),
                _ => Ok(calls),
            }
        });
        assert_eq!(outcome.unwrap(), 3);
        let failed = retry_interrupted(|| -> io::Result<()> { Err(io::ErrorKind::Other.into()) });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::Other);
    }
}
