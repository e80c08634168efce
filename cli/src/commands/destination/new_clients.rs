//! What a change of destinations does to new clients, said before it is made.

use ipvs::{CacheBypass, Client, Destination, NewClients, SchedulerFlags, settings};

use super::chosen::Chosen;
use crate::ending::{Failure, say};
use crate::session::{NetnsName, Session};
use crate::shown::shell;
use crate::typed::service_words;

/// Warns of each service whose new clients a change would turn away.
pub(crate) fn warn(
    ipvs: &Client,
    session: &Session<'_>,
    chosen: &[Chosen],
    change: impl Fn(&mut Destination) -> bool,
) {
    for consequence in consequences(chosen, cache_bypass(ipvs), change) {
        consequence.warn(session);
    }
}

/// Like [`warn`], but refuses the change if a service would turn all new clients away.
pub(crate) fn refuse(
    ipvs: &Client,
    session: &Session<'_>,
    chosen: &[Chosen],
    change: impl Fn(&mut Destination) -> bool,
) -> Result<(), Failure> {
    let consequences: Vec<_> = consequences(chosen, cache_bypass(ipvs), change).collect();
    if let Some(total) = consequences.iter().find(|it| it.is_total()) {
        let words = total.words(session.netns());
        return Err(format!("{words}; to do it nevertheless: --yes").into());
    }
    for consequence in &consequences {
        consequence.warn(session);
    }
    Ok(())
}

/// A service that would turn new clients away, and does not do so yet.
struct Consequence<'a> {
    of: &'a Chosen,
    then: NewClients,
}

fn consequences(
    chosen: &[Chosen],
    bypass: CacheBypass,
    change: impl Fn(&mut Destination) -> bool,
) -> impl Iterator<Item = Consequence<'_>> {
    chosen.iter().filter_map(move |of| {
        let now = of.server.new_clients(bypass);
        let then = of.after(&change).new_clients(bypass);
        let is_worse = match (&now, &then) {
            (NewClients::Refused(_), _) => false,
            (
                NewClients::ShareRefused { unavailable, .. },
                NewClients::ShareRefused {
                    unavailable: more, ..
                },
            ) => more.len() > unavailable.len(),
            (_, then) => matches!(
                then,
                NewClients::Refused(_) | NewClients::ShareRefused { .. }
            ),
        };
        is_worse.then_some(Consequence { of, then })
    })
}

impl Consequence<'_> {
    fn is_total(&self) -> bool {
        matches!(self.then, NewClients::Refused(_))
    }

    fn warn(&self, session: &Session<'_>) {
        say(format_args!("warning: {}", self.words(session.netns())));
    }

    fn words(&self, netns: Option<&NetnsName>) -> String {
        let service = &self.of.server.service.service;
        let name = service.id;
        match &self.then {
            NewClients::ShareRefused { remedy, .. } => {
                let scheduler = &service.scheduler;
                let ids = self.of.destinations.iter().map(|it| it.id.to_string());
                let ids = ids.collect::<Vec<_>>().join(", ");
                let refused = format!(
                    "the scheduler {scheduler} of service {name} goes on choosing {ids} for its share \
                     of new clients, and refuses them"
                );
                match remedy {
                    None => refused,
                    Some(flag) => {
                        let flags = flags(service.scheduler_flags | *flag, scheduler);
                        let line = shell::Line::ours(["edit-service"]).words(service_words(name));
                        let line = line.words(["-b", &flags]).within(netns);
                        format!("{refused}; to send them to other destinations: `{line}`")
                    }
                }
            }
            NewClients::Refused(reason) => {
                format!("service {name} then refuses all new clients: {reason}")
            }
            _ => String::new(),
        }
    }
}

fn flags(flags: SchedulerFlags, scheduler: &ipvs::Scheduler) -> String {
    flags.names(scheduler).join(",")
}

/// The default of the kernel if it cannot be read.
fn cache_bypass(ipvs: &Client) -> CacheBypass {
    CacheBypass::from(ipvs.setting(&settings::CACHE_BYPASS).unwrap_or(false))
}
