//! A running guest as seen from the host: runs programs there, receives their output and exit status.

mod console;
mod frame;
mod output;
mod sender;
mod stdin;
pub mod surroundings;

use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

pub use self::console::Console;
pub use self::frame::{Exit, Message, Run, Size, ToGuest, ToHost};
pub use self::output::{Output, PassOn};
use self::sender::Sender;
use crate::interrupt::Owned;

/// How long a guest may take, beyond the time limit of what it runs, before it counts as hanging.
const GRACE: Duration = Duration::from_secs(30);

/// A guest that is up. Dropping it kills what is left of it.
pub struct Session {
    guest: Owned,
    console: Console,
    from_guest: UnixStream,
    to_guest: Sender,
    /// The release of its kernel.
    pub release: String,
}

impl Session {
    /// Waits until the guest that was just started says that it is up.
    pub fn open(
        guest: Owned,
        stream: UnixStream,
        console: Console,
        limit: Duration,
    ) -> Result<Self> {
        let to_guest = Sender::new(stream.try_clone()?);
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
            other => bail!("the guest's first message was unexpected: {other:?}"),
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
                ToHost::Ready(_) => bail!("the guest restarted"),
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
                    "the kernel hangs: it did not answer within the time limit".to_owned()
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
