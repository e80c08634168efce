//! A stand-in for the kernel, for tests of what is sent and how answers are read. What a kernel
//! does is tested on a kernel.

#![allow(dead_code, reason = "each test program takes what it needs")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

pub(crate) mod echo;
pub(crate) mod strategies;

use std::collections::VecDeque;
use std::error::Error as _;
use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipvs::{Client, Destination, Endpoint, Error, Invalid, Service, ServiceId};
use ipvs_sys::{Conversation, Deadline, Errno, Transport};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR};

/// The number that the stand-in gives the family.
const FAMILY: u16 = 0x1c;
/// The family that knows the others' numbers.
const CONTROLLER: u16 = 16;

/// What the kernel says to one request: the payloads of messages, from the generic netlink header
/// on, and how it ends.
pub(crate) enum Answer {
    Done,
    Messages(Vec<Vec<u8>>),
    Refused(Errno),
}

/// The requests that were sent, from the generic netlink header on; without the family lookup.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<Vec<u8>>>>);

impl Sent {
    pub(crate) fn all(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    /// The only one since the last look.
    #[track_caller]
    pub(crate) fn one(&self) -> Vec<u8> {
        let mut sent = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(sent.len(), 1, "{sent:02x?}");
        sent.remove(0)
    }
}

struct StandIn<F> {
    answer: F,
    sent: Sent,
    waiting: VecDeque<Vec<u8>>,
}

/// A client of a kernel that answers like this.
pub(crate) fn client(answer: impl FnMut(&[u8]) -> Answer + Send + 'static) -> (Client, Sent) {
    let sent = Sent::default();
    let transport = StandIn {
        answer,
        sent: sent.clone(),
        waiting: VecDeque::new(),
    };
    let connection = Conversation::over(Box::new(transport)).unwrap();
    (Client::over(connection).unwrap(), sent)
}

/// A client of a kernel that carries everything out.
pub(crate) fn obeyed() -> (Client, Sent) {
    client(|_| Answer::Done)
}

/// A client of a kernel that answers every request with this one message.
pub(crate) fn answered(payload: Vec<u8>) -> Client {
    client(move |_| Answer::Messages(vec![payload.clone()])).0
}

/// A client of a kernel that refuses everything.
pub(crate) fn refused(errno: Errno) -> Client {
    client(move |_| Answer::Refused(errno)).0
}

impl<F: FnMut(&[u8]) -> Answer + Send> Transport for StandIn<F> {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        let u16_at = |at: usize| u16::from_ne_bytes([datagram[at], datagram[at + 1]]);
        let (kind, flags, sequence) = (u16_at(4), u16_at(6), &datagram[8..12]);
        let request = &datagram[16..];
        let is_dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let answer = if kind == CONTROLLER {
            let number = attribute(1, &FAMILY.to_ne_bytes());
            Answer::Messages(vec![[&[1, 2, 0, 0], &number[..]].concat()])
        } else {
            self.sent.0.lock().unwrap().push(request.to_vec());
            (self.answer)(request)
        };
        let mut say = |kind, flags, payload: &[u8]| {
            self.waiting
                .push_back(message(kind, flags, sequence, payload));
        };
        let end = |code: i32| [&code.to_ne_bytes(), &datagram[..16]].concat();
        let code = match answer {
            Answer::Refused(errno) => -(errno as i32),
            Answer::Done => 0,
            Answer::Messages(payloads) => {
                let flags = if is_dump { NLM_F_MULTIPART } else { 0 };
                for payload in &payloads {
                    say(kind, flags, payload);
                }
                0
            }
        };
        if is_dump && code == 0 {
            say(NLMSG_DONE, NLM_F_MULTIPART, &code.to_ne_bytes());
        } else {
            say(NLMSG_ERROR, 0, &end(code));
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: &mut Deadline) -> io::Result<usize> {
        let datagram = self.waiting.pop_front().ok_or(io::ErrorKind::TimedOut)?;
        buffer[..datagram.len()].copy_from_slice(&datagram);
        Ok(datagram.len())
    }
}

fn message(kind: u16, flags: u16, sequence: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + payload.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend([kind.to_ne_bytes(), flags.to_ne_bytes()].concat());
    bytes.extend(sequence);
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// An attribute with its header and its padding.
pub(crate) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The attributes in these bytes, with their kinds less the flags.
pub(crate) fn attributes(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let kind = u16::from_ne_bytes([bytes[2], bytes[3]]) & 0x3fff;
        found.push((kind, bytes[4..length].to_vec()));
        bytes = &bytes[length.next_multiple_of(4).min(bytes.len())..];
    }
    found
}

/// The contrary of [`attributes`].
pub(crate) fn joined(attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    attributes
        .iter()
        .flat_map(|(kind, value)| attribute(*kind, value))
        .collect()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// An error with what caused it, as a program prints it.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[track_caller]
pub(crate) fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Invalid {
    match outcome {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

pub(crate) fn mark(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// TCP 192.0.2.1:80.
pub(crate) fn web() -> ServiceId {
    ServiceId::tcp(endpoint("192.0.2.1:80"))
}

pub(crate) fn web_service() -> Service {
    Service::new(web())
}

/// 198.51.100.2:80.
pub(crate) fn server() -> Destination {
    Destination::new(endpoint("198.51.100.2:80"))
}
