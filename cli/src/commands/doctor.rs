//! `doctor`.

mod args;
mod block;
mod group;
mod remedy;
mod report;

use std::net::IpAddr;

use clap::Subcommand;
use lbnet::doctor::{Diagnosis, Examination, ExamineError, examine};

use self::args::Doctor;
use self::report::Report;
use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check this host: what is wrong, how clients are affected, how to fix it
    #[command(after_help = "Examples:\n  \
        ipvs-rs doctor\n  \
        ipvs-rs doctor --real-server --vip 10.10.10.100 --device eth0 --port 80\n  \
        ipvs-rs doctor --vip 10.10.10.100 --forward gue,port=6080 --local 10.10.20.12\n  \
        ipvs-rs doctor --forward masquerade --gateway 10.10.20.11 --port 53/udp\n\n\
        doctor changes nothing. Without --director and --real-server it checks every role that it \
        knows of: director if IPVS has services, and whatever director up and real-server up have \
        set up here. A real server that was set up in another way is checked with --vip.\n\n\
        Commands for another host are marked with a comment. Replace words in CAPITALS with your \
        own values.\n\n\
        Exit status: 0 healthy, with or without notes; 3 problems or warnings; 1 the check failed; \
        2 wrong usage.")]
    Doctor(Deferred<Doctor>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Doctor(Deferred(Doctor(examination))) = self;
        let examined: Result<Diagnosis, ExamineError> =
            lbnet::block_on(async { examine(&session.host()?, &examination).await })?;
        let diagnosis = examined?;
        if diagnosis.roles.is_empty() {
            return Err(nothing_to_check(&examination, &diagnosis.possible_vips).into());
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

fn nothing_to_check(examination: &Examination, possible: &[IpAddr]) -> String {
    let said = match examination.role {
        Some(_) => {
            "this host was not set up as a real server: name the virtual IP that it should have with \
             --vip ADDRESS"
        }
        None => {
            "this host has no role to check: IPVS has no services, and the host was not set up as a \
             director or a real server. Name the role with --director, or with --vip ADDRESS if it is \
             a real server"
        }
    };
    match possible {
        [] => said.to_owned(),
        possible => {
            let possible: Vec<_> = possible.iter().map(IpAddr::to_string).collect();
            format!("{said}. Perhaps a virtual IP: {}", possible.join(", "))
        }
    }
}
