//! The protocol between host and guest: frames on one byte stream.
//!
//! A frame is one byte for its kind, four for the length of its payload (little endian), and the
//! payload: raw bytes for output and input, JSON for everything else.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// More than any sender puts into one frame: a length above it means that the stream is broken.
const LONGEST: u32 = 16 * 1024 * 1024;

/// From the host to the guest.
#[derive(Debug, PartialEq, Eq)]
pub enum ToGuest {
    /// Start a program; the answer ends with [`ToHost::Exited`].
    Run(Run),
    /// More of the running program's standard input.
    Stdin(Vec<u8>),
    /// The end of its standard input.
    StdinEnd,
    /// There is nothing more to do.
    PowerOff,
}

/// From the guest to the host.
#[derive(Debug, PartialEq, Eq)]
pub enum ToHost {
    /// The guest is up; its kernel's release.
    Ready(String),
    /// The guest cannot go on, and why.
    Failed(String),
    /// What the program wrote to its standard output.
    Stdout(Vec<u8>),
    /// What the program wrote to its standard error.
    Stderr(Vec<u8>),
    /// The program has ended and all of its output was sent.
    Exited(Exit),
}

/// A program to run, and in which surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The program, searched for in `PATH`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// Its working directory; `/` if the guest has no such folder.
    pub cwd: PathBuf,
    /// Whether [`ToGuest::Stdin`] frames follow; otherwise it reads from `/dev/null`.
    pub stdin: bool,
    /// Give it a terminal of this size in place of pipes.
    pub terminal: Option<Size>,
    /// When to kill it.
    pub time_limit: Option<Duration>,
}

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Characters in a row.
    pub columns: u16,
    /// Rows on the screen.
    pub rows: u16,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// Killed by this signal.
    Signal(i32),
    /// Killed because its time was up.
    TimedOut,
    /// It did not even start, and why.
    NotStarted(String),
}

impl Exit {
    /// The status that a shell would show.
    pub fn code(&self) -> u8 {
        match self {
            Self::Status(status) => u8::try_from(*status).unwrap_or(u8::MAX),
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
            Self::TimedOut => 124,
            Self::NotStarted(_) => 127,
        }
    }
}

/// A message that fits into frames.
pub trait Message: Sized {
    /// The frame's kind and payload.
    fn encode(&self) -> io::Result<(u8, Vec<u8>)>;
    /// The message in a frame.
    fn decode(kind: u8, payload: Vec<u8>) -> io::Result<Self>;

    /// Sends the message in one write, so that no reader ever sees a part of it for long.
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, payload) = self.encode()?;
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let mut frame = Vec::with_capacity(payload.len() + 5);
        frame.push(kind);
        frame.extend(length.to_le_bytes());
        frame.extend(payload);
        to.write_all(&frame)
    }

    /// Waits for the next message.
    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut kind = [0];
        let mut length = [0; 4];
        from.read_exact(&mut kind)?;
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length > LONGEST {
            return Err(broken("a frame is longer than any that is sent"));
        }
        let mut payload = Vec::new();
        let received = from.take(u64::from(length)).read_to_end(&mut payload)?;
        if received < length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Self::decode(u8::from_le_bytes(kind), payload)
    }
}

impl Message for ToGuest {
    fn encode(&self) -> io::Result<(u8, Vec<u8>)> {
        Ok(match self {
            Self::Run(run) => (b'R', json(run)?),
            Self::Stdin(bytes) => (b'I', bytes.clone()),
            Self::StdinEnd => (b'D', Vec::new()),
            Self::PowerOff => (b'P', Vec::new()),
        })
    }

    fn decode(kind: u8, payload: Vec<u8>) -> io::Result<Self> {
        match kind {
            b'R' => Ok(Self::Run(from_json(&payload)?)),
            b'I' => Ok(Self::Stdin(payload)),
            b'D' => Ok(Self::StdinEnd),
            b'P' => Ok(Self::PowerOff),
            _ => Err(broken("a frame has an unknown kind")),
        }
    }
}

impl Message for ToHost {
    fn encode(&self) -> io::Result<(u8, Vec<u8>)> {
        Ok(match self {
            Self::Ready(release) => (b'r', json(release)?),
            Self::Failed(why) => (b'f', json(why)?),
            Self::Stdout(bytes) => (b'o', bytes.clone()),
            Self::Stderr(bytes) => (b'e', bytes.clone()),
            Self::Exited(exit) => (b'x', json(exit)?),
        })
    }

    fn decode(kind: u8, payload: Vec<u8>) -> io::Result<Self> {
        match kind {
            b'r' => Ok(Self::Ready(from_json(&payload)?)),
            b'f' => Ok(Self::Failed(from_json(&payload)?)),
            b'o' => Ok(Self::Stdout(payload)),
            b'e' => Ok(Self::Stderr(payload)),
            b'x' => Ok(Self::Exited(from_json(&payload)?)),
            _ => Err(broken("a frame has an unknown kind")),
        }
    }
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(value)?)
}

fn from_json<T: DeserializeOwned>(payload: &[u8]) -> io::Result<T> {
    Ok(serde_json::from_slice(payload)?)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("cannot understand the guest: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let run = Run {
            program: "ipvs-rs".into(),
            args: vec!["list".into(), "--output".into(), "json".into()],
            env: BTreeMap::from([("PATH".into(), "/bin".into())]),
            cwd: "/tmp".into(),
            terminal: Some(Size {
                columns: 80,
                rows: 24,
            }),
            time_limit: Some(Duration::from_secs(5)),
            stdin: true,
        };
        let sent = [
            ToGuest::Run(run),
            ToGuest::Stdin(vec![0, 13, 10]),
            ToGuest::StdinEnd,
        ];
        let mut wire = Vec::new();
        for message in &sent {
            message.write(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        for message in sent {
            assert_eq!(ToGuest::read(&mut wire).unwrap(), message);
        }
        assert!(wire.is_empty());
    }

    #[test]
    fn a_stream_cut_inside_a_frame_is_an_error() {
        let mut wire = Vec::new();
        ToHost::Stdout(b"hello".to_vec()).write(&mut wire).unwrap();
        let cut = wire.get(..7).unwrap();
        let error = ToHost::read(&mut &*cut).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn noise_is_not_taken_for_a_frame() {
        let noise = b"Kernel panic - not syncing: VFS: Unable to mount root fs";
        let error = ToHost::read(&mut noise.as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn an_exit_becomes_the_status_a_shell_shows() {
        assert_eq!(Exit::Status(3).code(), 3);
        assert_eq!(Exit::Signal(9).code(), 137);
        assert_eq!(Exit::TimedOut.code(), 124);
    }
}
