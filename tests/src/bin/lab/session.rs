//! A running guest, as the host sees it: programs go in, output and exit statuses come out.

mod frame;
mod stdin;

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

pub use self::frame::{Exit, Message, Run, Size, ToGuest, ToHost};
use crate::interrupt::Owned;
use crate::kernel::Console;

/// How long a guest may take, beyond the time limit of what it runs, before it counts as hanging.
const GRACE: Duration = Duration::from_secs(30);

/// A guest that is up. Dropping it kills what is left of it.
pub struct Session {
    guest: Owned,
    console: Console,
    from_guest: UnixStream,
    to_guest: ToGuestSender,
    /// The release of its kernel.
    pub release: String,
}

/// Where a program's output goes.
pub trait Output {
    /// Takes a piece of standard output.
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Takes a piece of standard error.
    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Passes output on as the lab's own, at once.
#[derive(Default)]
pub struct PassOn {
    /// Whether whoever read it has had enough, as `head` does.
    pub closed: bool,
}

impl PassOn {
    fn note(&mut self, written: io::Result<()>) -> io::Result<()> {
        let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        self.closed |= written.as_ref().is_err_and(closed);
        written
    }
}

impl Output for PassOn {
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        self.note(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(io::stderr().lock().write_all(bytes))
    }
}

/// The end of the stream that the lab and its standard input's thread share.
#[derive(Clone)]
struct ToGuestSender(Arc<Mutex<UnixStream>>);

impl ToGuestSender {
    fn send(&self, message: &ToGuest) -> io::Result<()> {
        message.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Session {
    /// Waits until the guest that was just started says that it is up.
    pub fn open(
        guest: Owned,
        stream: UnixStream,
        console: Console,
        limit: Duration,
    ) -> Result<Self> {
        let to_guest = ToGuestSender(Arc::new(Mutex::new(stream.try_clone()?)));
        let mut session = Self {
            guest,
            console,
            from_guest: stream,
            to_guest,
            release: String::new(),
        };
        match session
            .receive(Some(Instant::now() + limit))
            .context("the kernel did not boot")?
        {
            ToHost::Ready(release) => session.release = release,
            ToHost::Failed(why) => bail!("the guest could not be set up: {why}"),
            other => bail!("the guest began with {other:?}"),
        }
        Ok(session)
    }

    /// Runs a program in the guest to its end.
    pub fn run(&mut self, run: Run, output: &mut dyn Output) -> Result<Exit> {
        let deadline = run.time_limit.map(|limit| Instant::now() + limit + GRACE);
        let stdin = run.stdin;
        self.to_guest
            .send(&ToGuest::Run(run))
            .context("cannot reach the guest")?;
        let _forwarding = stdin.then(|| stdin::Forwarding::start(self.to_guest.clone()));
        loop {
            match self.receive(deadline)? {
                ToHost::Stdout(bytes) => output.stdout(&bytes)?,
                ToHost::Stderr(bytes) => output.stderr(&bytes)?,
                ToHost::Exited(exit) => return Ok(exit),
                ToHost::Failed(why) => bail!("the guest failed: {why}"),
                ToHost::Ready(_) => bail!("the guest started over"),
            }
        }
    }

    /// Switches the guest off.
    pub fn close(mut self) {
        const PATIENCE: Duration = Duration::from_secs(10);
        if self.to_guest.send(&ToGuest::PowerOff).is_ok() {
            // The guest says nothing more: this waits for the end of the stream.
            let _ = self.from_guest.set_read_timeout(Some(PATIENCE));
            let _ = ToHost::read(&mut self.from_guest);
        }
        drop(self.guest);
    }

    /// The next message, or why there is none, with the end of the console.
    fn receive(&mut self, deadline: Option<Instant>) -> Result<ToHost> {
        let patience = deadline.map(|deadline| {
            // A timeout of zero would mean none.
            deadline
                .saturating_duration_since(Instant::now())
                .max(Duration::from_millis(1))
        });
        self.from_guest.set_read_timeout(patience)?;
        ToHost::read(&mut self.from_guest).map_err(|error| {
            let what = match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                    "the kernel hangs: no answer within the time limit".to_owned()
                }
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                    "the kernel died without reporting a status".to_owned()
                }
                _ => error.to_string(),
            };
            anyhow!("{what}\n{}", self.console.end())
        })
    }
}
