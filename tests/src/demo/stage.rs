//! The hosts of the demo, and the story of what happens on them.

use std::io::Write;

use super::hosts::{APACHE, CN, COM, NGINX, VIP};
use super::web::{self, Server};
use crate::process;
use crate::site::Site;

/// The outcome of a demo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many requests the client made.
    pub requests: usize,
    /// How many requests got an answer other than 200, or none.
    pub errors: usize,
    /// The expectations that failed.
    pub failed: Vec<String>,
}

/// The site and its narrator.
pub(super) struct Stage<'a> {
    out: &'a mut (dyn Write + Send),
    color: bool,
    outcome: Outcome,
    // The servers end before their hosts do.
    _servers: Vec<Server>,
    site: Site,
}

impl<'a> Stage<'a> {
    /// Connects the hosts, gives each its address, and starts the web servers.
    pub(super) fn build(out: &'a mut (dyn Write + Send), color: bool) -> Self {
        let hosts = [("client", "10.10.10.1"), ("director", "10.10.10.11")];
        let hosts = hosts.into_iter().chain(NGINX).chain(APACHE);
        let with_masks: Vec<(&str, String)> = hosts
            .map(|(name, address)| (name, format!("{address}/24")))
            .collect();
        let hosts: Vec<(&str, &str)> = with_masks
            .iter()
            .map(|(name, address)| (*name, address.as_str()))
            .collect();
        let site = Site::new(&hosts);
        let servers = web::start_all(&site);
        web::publish_names(VIP, &[COM, CN]);
        let mut stage = Self {
            out,
            color,
            outcome: Outcome::default(),
            _servers: servers,
            site,
        };
        stage.scene("The site: plain addresses, nginx and apache running, no VIP yet");
        for (name, address) in with_masks {
            stage.say(&format!("{name:<9} {address}"));
        }
        stage
    }

    /// The hosts.
    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// The outcome so far.
    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    /// Begins the next part.
    pub(super) fn scene(&mut self, title: &str) {
        let title = self.colored("1", &format!("== {title}"));
        self.line("");
        self.line(&title);
    }

    /// A remark.
    pub(super) fn say(&mut self, text: &str) {
        self.line(&format!("   {text}"));
    }

    /// Shows a command as it is typed on a host.
    pub(super) fn type_on(&mut self, host: &str, command: &str) {
        let prompt = self.colored("36", &format!("{host}#"));
        self.line(&format!("{prompt} {command}"));
    }

    /// Runs `ipvs-rs` on a host. Returns its standard output.
    pub(super) fn ipvs_rs(&mut self, host: &str, arguments: &[&str]) -> String {
        self.command(host, "ipvs-rs", arguments)
    }

    /// Runs a command on a host, shows it with its output, and expects it to succeed.
    pub(super) fn command(&mut self, host: &str, program: &str, arguments: &[&str]) -> String {
        let line = format!("{program} {}", arguments.join(" "));
        self.type_on(host, &line);
        let output = self
            .site
            .host(host)
            .enter(|| process::output(program, arguments));
        for text in output.stdout.lines().chain(output.stderr.lines()) {
            self.line(text.trim_end());
        }
        let success = output.is_success();
        self.expect(success, &format!("on {host}, \"{line}\" succeeds"));
        output.stdout
    }

    /// Counts a request of the client.
    pub(super) fn count_request(&mut self, ok: bool) {
        self.outcome.requests += 1;
        self.outcome.errors += usize::from(!ok);
    }

    /// Records and shows an expectation that failed.
    pub(super) fn expect(&mut self, met: bool, expectation: &str) {
        if !met {
            let text = self.colored("31", &format!("   FAILED EXPECTATION: {expectation}"));
            self.line(&text);
            self.outcome.failed.push(expectation.to_owned());
        }
    }

    /// Whether an expectation has failed so far.
    pub(super) fn has_failed(&self) -> bool {
        !self.outcome.failed.is_empty()
    }

    fn colored(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Shows a line as it is.
    pub(super) fn line(&mut self, text: &str) {
        // If nobody reads the story any more, the demo still has to reach its outcome.
        let _ = writeln!(self.out, "{text}");
    }
}
