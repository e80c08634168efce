//! `connections`.

mod lines;
mod summary;

use std::str::FromStr;

use clap::{Args, Subcommand};
use ipvs::{ConnectionFilter, ConnectionSummary, Endpoint, Origin};

use self::lines::LastColumn;
use crate::ending::{Ended, Failure, Outcome};
use crate::session::{Form, Session};
use crate::typed::{Deferred, Numeric, PerhapsService};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List connections and persistence templates, or count them
    #[command(after_help = "Examples:\n  \
        ipvs-rs connections -t 10.10.10.100:80 --destination 10.10.10.12\n  \
        ipvs-rs connections --client 192.0.2.1 --state established\n  \
        ipvs-rs connections --origin=sync --summary\n\n\
        All filters must match. For firewall marks the kernel reports only persistence templates: \
        it does not say which mark a connection came by.\n\n\
        Exit status: 0 listed, even if nothing matches; 1 failed; 2 wrong usage.")]
    Connections(Deferred<Connections>),
}

#[derive(Args, Debug)]
pub(crate) struct Connections {
    /// Only connections from this client
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    client: Option<Endpoint>,
    #[command(flatten)]
    service: PerhapsService,
    /// Only connections to this destination
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    destination: Option<Endpoint>,
    /// Only connections in this state: established, fin_wait and so on, or template
    #[arg(long, value_parser = state)]
    state: Option<String>,
    /// Show which director saw each connection first: this one (local) or another one (sync); with a
    /// value, only those connections
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "any")]
    origin: Option<Origins>,
    /// Count connections by service and destination
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    numeric: Numeric,
}

impl Connections {
    fn filter(&self) -> ConnectionFilter {
        let mut filter = ConnectionFilter::new();
        if let Some(client) = self.client {
            filter = filter.client(client);
        }
        if let Some(service) = self.service.id() {
            filter = filter.service(service);
        }
        if let Some(destination) = self.destination {
            filter = filter.destination(destination);
        }
        if let Some(Origins::Only(origin)) = self.origin {
            filter = filter.origin(origin);
        }
        match self.state.as_deref() {
            Some(TEMPLATE) => filter.templates_only(),
            // Templates have states too, but the list does not show them.
            Some(state) => filter.state(state).without_templates(),
            None => filter,
        }
    }
}

/// How the list shows a persistence template.
const TEMPLATE: &str = "TEMPLATE";

/// The states of each protocol, as the kernel shows them. It shortens those of SCTP.
const STATES: [(&str, &[&str]); 3] = [
    (
        "TCP",
        &[
            "NONE",
            "ESTABLISHED",
            "SYN_SENT",
            "SYN_RECV",
            "FIN_WAIT",
            "TIME_WAIT",
            "CLOSE",
            "CLOSE_WAIT",
            "LAST_ACK",
            "LISTEN",
            "SYNACK",
        ],
    ),
    ("UDP", &["UDP"]),
    (
        "SCTP",
        &[
            "NONE",
            "INIT1",
            "INIT",
            "C-SENT",
            "C-REPLIED",
            "C-WAIT",
            "COOKIE",
            "C-ECHOED",
            "ESTABLISHED",
            "S-SENT",
            "S-RECEIVED",
            "S-ACK-SENT",
            "REJECTED",
            "CLOSED",
        ],
    ),
];

/// A state in the kernel's letters. An unknown one would find nothing, like a state that no connection has.
fn state(text: &str) -> Result<String, String> {
    let state = text.to_ascii_uppercase();
    let mut known = STATES.iter().flat_map(|(_, states)| states.iter());
    if state == TEMPLATE || known.any(|known| *known == state) {
        return Ok(state);
    }
    let of_protocols: Vec<_> = STATES
        .iter()
        .map(|(protocol, states)| format!("{protocol}: {}", states.join(", ")))
        .collect();
    Err(format!(
        "no such state; the states are {TEMPLATE}; {}",
        of_protocols.join("; ")
    ))
}

/// Connections of every origin, or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origins {
    Any,
    Only(Origin),
}

impl FromStr for Origins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "any" => Ok(Self::Any),
            "local" => Ok(Self::Only(Origin::Local)),
            "sync" => Ok(Self::Only(Origin::Sync)),
            _ => Err("an origin is local, sync or any"),
        }
    }
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Connections(Deferred(arguments)) = self;
        Ended::of(connections(&arguments, session))
    }
}

fn connections(arguments: &Connections, session: &mut Session<'_>) -> Outcome {
    let ipvs = session.ipvs()?;
    if arguments.summary && arguments.origin == Some(Origins::Any) {
        return Err(
            "--summary cannot show origins: select one with --origin=local or --origin=sync".into(),
        );
    }
    let (all, last) = if arguments.origin.is_some() {
        (ipvs.connections_with_origin()?, LastColumn::Origin)
    } else {
        (ipvs.connections()?, LastColumn::Engine)
    };
    let filter = arguments.filter();
    // A line that cannot be read is an error, not left out.
    let found = all.filter(|read| read.as_ref().map_or(true, |it| filter.matches(it)));
    if arguments.summary {
        let groups: ConnectionSummary = found.collect::<Result<_, _>>()?;
        return session.show(&summary::Summary::of(&groups), summary::print);
    }
    match session.form() {
        Form::Table => lines::print(found, last, session.out()),
        Form::Json => lines::print_json(found, session.out()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed::parsed;

    fn typed(arguments: &str) -> Connections {
        let Command::Connections(Deferred(connections)) =
            parsed(&format!("connections {arguments}"));
        connections
    }

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_typed_is_what_is_looked_for() {
        let any = ConnectionFilter::new;
        let web = ipvs::ServiceId::tcp(endpoint("192.0.2.10:80"));
        let mark = ipvs::ServiceId::fwmark(7.try_into().unwrap(), ipvs::Family::Ipv6);
        for (arguments, filter) in [
            ("", any()),
            ("-n --summary --origin", any()),
            (
                "--client 2001:db8::5",
                any().client(endpoint("2001:db8::5")),
            ),
            ("-t 192.0.2.10:80", any().service(web)),
            ("-f 7 -6", any().service(mark)),
            (
                "--destination 198.51.100.7:8080",
                any().destination(endpoint("198.51.100.7:8080")),
            ),
            (
                "--state FIN_WAIT",
                any().state("FIN_WAIT").without_templates(),
            ),
            (
                "--state fin_wait",
                any().state("FIN_WAIT").without_templates(),
            ),
            ("--state template", any().templates_only()),
            ("--origin=local", any().origin(Origin::Local)),
            (
                "--origin=sync --tcp 192.0.2.10:80",
                any().origin(Origin::Sync).service(web),
            ),
        ] {
            assert_eq!(typed(arguments).filter(), filter, "{arguments}");
        }
    }
}
