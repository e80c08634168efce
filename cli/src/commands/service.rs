pub(crate) mod args;

use ipvs::{Client, SchedulerFlags, Service};

use super::Outcome;
use crate::command::{AddService, EditService};

/// Likely a slip of the one who typed it.
pub(crate) const NOTHING_TO_CHANGE: &str = "nothing to change: name at least one setting (--help)";

pub(crate) fn add(client: &mut Client, arguments: &AddService) -> Outcome {
    let settings = &arguments.settings;
    let mut service = Service::new(arguments.service.id());
    if let Some(scheduler) = &settings.scheduler {
        service.scheduler = scheduler.clone();
    }
    if let Some(names) = &settings.sched_flags {
        service.scheduler_flags = SchedulerFlags::from_names(names, &service.scheduler)?;
    }
    service.persistence = settings.persistence(None);
    if settings.netmask.is_some() && service.persistence.is_none() {
        return Err("--netmask goes with --persistent".into());
    }
    service.persistence_engine.clone_from(&settings.pe);
    service.one_packet = settings.ops;
    Ok(client.add_service(&service)?)
}

pub(crate) fn edit(client: &mut Client, arguments: &EditService) -> Outcome {
    if arguments.is_empty() {
        return Err(NOTHING_TO_CHANGE.into());
    }
    let settings = &arguments.settings;
    let id = arguments.service.id();
    let present = client.service(id)?.service;
    let scheduler = settings.scheduler.clone().unwrap_or(present.scheduler);
    let flags = match &settings.sched_flags {
        Some(names) => Some(SchedulerFlags::from_names(names, &scheduler)?),
        None if arguments.no_sched_flags => Some(SchedulerFlags::empty()),
        None => None,
    };
    if settings.netmask.is_some() && settings.persistence(present.persistence).is_none() {
        return Err(
            format!("--netmask goes with --persistent: service {id} is not persistent").into(),
        );
    }
    client.edit_service(id, |service| {
        service.scheduler = scheduler;
        if let Some(flags) = flags {
            service.scheduler_flags = flags;
        }
        service.persistence = if arguments.no_persistence {
            None
        } else {
            settings.persistence(service.persistence)
        };
        if arguments.no_pe || settings.pe.is_some() {
            service.persistence_engine.clone_from(&settings.pe);
        }
        if arguments.no_ops || settings.ops {
            service.one_packet = settings.ops;
        }
    })?;
    Ok(())
}
