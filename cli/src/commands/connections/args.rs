use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use ipvs::{ConnectionFilter, Endpoint};

use crate::command::{Numeric, PerhapsService};
use crate::typed::value::Origins;

#[derive(Args, Debug)]
pub(crate) struct Connections {
    /// Those of this client
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    client: Option<Endpoint>,
    #[command(flatten)]
    service: PerhapsService,
    /// Those that were sent to this destination
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    destination: Option<Endpoint>,
    /// Those in this state, as it is shown: established, fin_wait, template
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    state: Option<String>,
    /// Show who saw each first: this director (local) or another one (sync); with a value, those
    /// alone
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "any")]
    pub(crate) origin: Option<Origins>,
    /// Count them by service and destination
    #[arg(long)]
    pub(crate) summary: bool,
    #[command(flatten)]
    numeric: Numeric,
}

impl Connections {
    pub(crate) fn filter(&self) -> ConnectionFilter {
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
        match self.state.as_deref().map(str::to_ascii_uppercase) {
            Some(shown) if shown == "TEMPLATE" => filter.templates_only(),
            // Templates have states as well, and are shown without.
            Some(state) => filter.state(state).without_templates(),
            None => filter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Cli, Command, Deferred};
    use clap::Parser;
    use ipvs::Origin;

    fn typed(arguments: &str) -> Connections {
        let words = ["ipvs-rs", "connections"].into_iter();
        let words = words.chain(arguments.split_whitespace());
        match Cli::try_parse_from(words).unwrap().command {
            Command::Connections(Deferred(connections)) => connections,
            other => panic!("{other:?}"),
        }
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
