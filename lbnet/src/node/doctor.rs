//! What is wrong with a director or a real server, how clients are affected, and what fixes it.
//!
//! The doctor reads and never changes anything. [`examine`] does what `ipvs-rs doctor` does: it finds
//! out by itself what a host is. [`examine_director`], [`examine_set_up`] and [`examine_real_server`]
//! examine one role, for callers who know more.
//!
//! Each [`Finding`] has [`Remedy`]s, which are values. A program can carry many of them out.
//!
//! ```no_run
//! use lbnet::{Host, Netns, doctor};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::open(Netns::current()?)?;
//! let diagnosis = doctor::examine(&host, &doctor::Examination::default()).await?;
//! if !diagnosis.findings.is_healthy() {
//!     eprintln!("{}", diagnosis.findings);
//! }
//! # Ok(())
//! # }
//! ```

mod asked;
mod balancing;
mod carrier;
mod certain;
mod checked;
mod director;
mod examination;
mod examined;
mod expected;
mod finding;
mod findings;
mod managed;
mod passages;
mod possible;
mod real_server;
mod remedy;
mod travel;
mod unchecked;
mod view;
mod vip;

#[cfg(test)]
mod testing;

pub use asked::{Arrival, Examination};
pub use balancing::Balancing;
pub use checked::CheckedAs;
pub use director::{examine_director, examine_set_up};
pub use examination::{Diagnosis, ExamineError, examine};
pub use examined::ExaminedRole;
pub use expected::{ExpectedServer, Replies};
pub use finding::{Finding, FindingKind, Severity};
pub use findings::{FindingGroup, Findings};
pub use real_server::examine_real_server;
pub use remedy::{CarryOutError, ConfigurationRead, Confinement, Open, Remedy};
pub use unchecked::Unchecked;
