//! `doctor`.

mod args;
mod print;
mod remedy;

use clap::Subcommand;
use lbnet::doctor::{Diagnosis, Examination, ExamineError, examine};

use self::args::Doctor;
use self::print::Report;
use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look whether this host is set up well; say what is not, what clients see of it, and what mends
    /// it
    #[command(after_help = "Examples:\n  \
        ipvs-rs doctor\n  \
        ipvs-rs doctor --real-server --vip 10.10.10.100 --device eth0 --port 80\n  \
        ipvs-rs doctor --vip 10.10.10.100 --forward gue,port=6080 --local 10.10.20.12\n  \
        ipvs-rs doctor --forward masquerade --gateway 10.10.20.11 --port 53/udp\n\n\
        Nothing is changed. Without --director and --real-server it is looked at as whatever it is: \
        a director if IPVS has services, a real server if it has virtual addresses.\n\n\
        Exit status: 0 healthy, whatever notes there are; 3 problems or warnings.")]
    Doctor(Deferred<Doctor>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Doctor(Deferred(Doctor(examination))) = self;
        let examined: Result<Diagnosis, ExamineError> =
            lbnet::block_on(async { examine(&session.host()?, &examination).await })?;
        let diagnosis = examined?;
        if diagnosis.roles.is_empty() {
            return Err(nothing_to_check(&examination).into());
        }
        let report = Report::of(&diagnosis, session.netns());
        session.show(&report, Report::print)?;
        Ok(if diagnosis.findings.is_healthy() {
            Ended::Done
        } else {
            Ended::Found
        })
    }
}

fn nothing_to_check(examination: &Examination) -> &'static str {
    match examination.role {
        Some(_) => {
            "no virtual address is on lo, a dummy or a tunnel: say which this real server should \
             have with --vip ADDRESS"
        }
        None => {
            "this host is no director, as IPVS has no services, and no real server, as no virtual \
             address is on lo, a dummy or a tunnel: say what it should be with --director, or with \
             --real-server --vip ADDRESS"
        }
    }
}
