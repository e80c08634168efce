//! Turns the current table into a wanted one: plans and how they are applied, draining, ramping.

mod apply;
mod drain;
mod ensure;
mod plan;
mod ramp;

pub use apply::{ApplyError, EachReport, PartOutcome, PlanPart, RestoreError};
pub use drain::{Drain, DrainProgress, DrainUntil, Drained};
#[cfg(feature = "tokio")]
pub(crate) use drain::{Draining, Next};
pub use ensure::Ensured;
pub use plan::{Change, Difference, NewServices, Others, Plan};
pub use ramp::{Ramp, Ramped};
