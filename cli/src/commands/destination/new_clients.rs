//! What a change of destinations does to new clients, said before it is made.

use ipvs::{CacheBypass, Client, Destination, NewClients, SchedulerFlags, settings};

use super::chosen::Chosen;
use crate::ending::{Failure, say};
use crate::typed::AsOptions;

/// Warns of each service whose new clients a change would turn away.
pub(crate) fn warn(ipvs: &Client, chosen: &[Chosen], change: impl Fn(&mut Destination) -> bool) {
    let bypass = cache_bypass(ipvs);
    for consequence in consequences(chosen, bypass, change) {
        say(format_args!("warning: {}", consequence.words()));
    }
}

/// Like [`warn`], but refuses the change if a service would turn all new clients away.
pub(crate) fn refuse(
    ipvs: &Client,
    chosen: &[Chosen],
    change: impl Fn(&mut Destination) -> bool,
) -> Result<(), Failure> {
    let bypass = cache_bypass(ipvs);
    let consequences: Vec<_> = consequences(chosen, bypass, change).collect();
    match consequences.iter().find(|it| it.is_total()) {
        None => {
            for consequence in &consequences {
                say(format_args!("warning: {}", consequence.words()));
            }
            Ok(())
        }
        Some(total) => Err(format!("{}; to do it nevertheless: --yes", total.words()).into()),
    }
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

    fn words(&self) -> String {
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
                    Some(flag) => format!(
                        "{refused}; to send them to other destinations: `ipvs-rs edit-service {} -b {}`",
                        AsOptions(name),
                        flags(service.scheduler_flags | *flag, scheduler),
                    ),
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
