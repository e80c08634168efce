//! What is valid survives the kernel's attributes, and a plan leads where it says.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod common;

use std::time::Duration;

use common::echo::echoing;
use common::strategies::{any_destination, any_live_table, any_service, any_table, any_two_tables};
use ipvs::{Change, Destination, Plan, Table, VirtualServer, duration};
use proptest::prelude::*;

/// What a change does to a table.
fn make(table: &mut Table, change: &Change) {
    let servers = &mut table.virtual_servers;
    match change.clone() {
        Change::SetTimeouts { to, .. } => {
            table.timeouts.tcp = to.tcp.or(table.timeouts.tcp);
            table.timeouts.tcp_fin = to.tcp_fin.or(table.timeouts.tcp_fin);
            table.timeouts.udp = to.udp.or(table.timeouts.udp);
        }
        Change::AddService(service) => {
            assert!(!servers.iter().any(|server| server.service.id == service.id));
            servers.push(VirtualServer::new(service, []));
            servers.sort_by_key(|server| server.service.id);
        }
        Change::UpdateService { from, to } => {
            let server = find(servers, from.id);
            assert_eq!(server.service, *from);
            server.service = *to;
        }
        Change::DeleteService(service) => {
            assert_eq!(
                *find(servers, service.id),
                VirtualServer::new(service.clone(), [])
            );
            servers.retain(|server| server.service.id != service.id);
        }
        Change::AddDestination {
            service,
            destination,
        } => {
            let destinations = &mut find(servers, service).destinations;
            assert!(!destinations.iter().any(|other| other.id == destination.id));
            destinations.push(destination);
            destinations.sort_by_key(|destination| destination.id);
        }
        Change::UpdateDestination { service, from, to } => {
            let destinations = find(servers, service).destinations.iter_mut();
            let found: Vec<&mut Destination> = destinations.filter(|it| **it == from).collect();
            assert_eq!(found.len(), 1);
            for destination in found {
                *destination = to;
            }
        }
        Change::DeleteDestination {
            service,
            destination,
        } => {
            let destinations = &mut find(servers, service).destinations;
            assert!(destinations.contains(&destination));
            destinations.retain(|other| other.id != destination.id);
        }
        other => panic!("{other}"),
    }
}

fn find(servers: &mut [VirtualServer], id: ipvs::ServiceId) -> &mut VirtualServer {
    servers
        .iter_mut()
        .find(|server| server.service.id == id)
        .unwrap()
}

proptest! {
    #[test]
    fn a_service_comes_back_from_the_kernels_attributes(service in any_service()) {
        let mut kernel = echoing();
        kernel.add_service(&service).unwrap();
        prop_assert_eq!(&kernel.service(service.id).unwrap().service, &service);
        prop_assert_eq!(&kernel.services().unwrap()[0].service, &service);
    }

    #[test]
    fn a_destination_comes_back_from_the_kernels_attributes(
        (service, destination) in any_service().prop_flat_map(|service| {
            let destination = any_destination(service.id);
            (Just(service), destination)
        })
    ) {
        let mut kernel = echoing();
        kernel.add_destination(service.id, &destination).unwrap();
        let found = kernel.destinations(service.id).unwrap();
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].destination, destination);
    }

    #[test]
    fn a_duration_is_read_back_from_how_it_is_shown(duration in any::<Duration>()) {
        let shown = duration::display(duration).to_string();
        prop_assert_eq!(duration::parse(&shown), Ok(duration), "{}", shown);
    }

    #[test]
    fn what_is_generated_is_valid(table in any_table()) {
        prop_assert_eq!(table.validate(), Ok(()));
    }

    #[test]
    fn a_plan_leads_to_what_was_wanted_and_leaves_the_rest((live, wanted) in any_two_tables()) {
        let mut table = live.clone();
        let plan = Plan::between(&live, &wanted);
        plan.changes().iter().for_each(|change| make(&mut table, change));
        for server in &table.virtual_servers {
            let is_of = |other: &&VirtualServer| other.service.id == server.service.id;
            let wanted = wanted.virtual_servers.iter().find(is_of);
            let live = live.virtual_servers.iter().find(is_of);
            prop_assert_eq!(Some(server), wanted.or(live));
        }
        let is_there = |wanted: &VirtualServer| table.virtual_servers.contains(wanted);
        prop_assert!(wanted.virtual_servers.iter().all(is_there));
        prop_assert_eq!(table.timeouts.tcp, wanted.timeouts.tcp.or(live.timeouts.tcp));
        prop_assert!(Plan::between(&table, &wanted).is_empty());
    }

    #[test]
    fn the_inverses_of_a_plan_in_reverse_lead_back((live, wanted) in any_two_tables()) {
        let mut table = live.clone();
        let plan = Plan::between(&live, &wanted);
        plan.changes().iter().for_each(|change| make(&mut table, change));
        for change in plan.changes().iter().rev() {
            make(&mut table, &change.clone().inverse());
        }
        prop_assert_eq!(table, live);
    }

    #[test]
    fn the_inverse_of_an_inverse_is_the_change((live, wanted) in any_two_tables()) {
        for change in Plan::between(&live, &wanted).changes() {
            prop_assert_eq!(&change.clone().inverse().inverse(), change);
        }
    }

    #[test]
    fn there_is_nothing_between_a_table_and_itself(table in any_live_table()) {
        prop_assert!(Plan::between(&table, &table).is_empty());
    }

    #[test]
    fn the_order_of_a_table_is_no_difference(table in any_live_table()) {
        let mut shuffled = table.clone();
        shuffled.virtual_servers.reverse();
        for server in &mut shuffled.virtual_servers {
            server.destinations.reverse();
        }
        prop_assert!(Plan::between(&table, &shuffled).is_empty());
        prop_assert!(Plan::between(&shuffled, &table).is_empty());
    }
}
