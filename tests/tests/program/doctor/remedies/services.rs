//! Services that give new clients no server.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_director_without_services_does_not_stay_idle: Row {
        kind: FindingKind::NothingBalanced,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs flush --yes",
        clients: Clients::NoneServed,
        remedy: Printed::Completed(&[
            ("VIP:PORT", "10.10.10.100:80"),
            ("ADDRESS", "10.10.10.12"),
        ]),
        more: More {
            then: &[FindingKind::ServiceWithoutServers],
            by: &["web1"],
            ..NO_MORE
        },
    };

    a_service_without_a_scheduler_does_not_stay_refused: Row {
        kind: FindingKind::SchedulerMissing,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-service -t 10.10.10.100:80 -s none",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_service_without_destinations_does_not_stay_refused: Row {
        kind: FindingKind::ServiceWithoutServers,
        site: Layout::DIRECT6,
        on: "director",
        plant: "ipvs-rs delete-destination -t '[fd00::100]:80' -r '[fd00::12]'
                ipvs-rs delete-destination -t '[fd00::100]:80' -r '[fd00::13]'",
        clients: Clients::NoneServed,
        remedy: Printed::Completed(&[("ADDRESS", "[fd00::12]")]),
        more: More { by: &["web1"], ..NO_MORE },
    };

    a_service_whose_servers_all_have_weight_0_does_not_stay_refused: Row {
        kind: FindingKind::ServiceWithoutServers,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 0
                ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More { by: &["web1"], ..NO_MORE },
    };

    the_share_of_a_drained_server_does_not_stay_refused: Row {
        kind: FindingKind::ShareRefused,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 0",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            before: "ipvs-rs edit-service -t 10.10.10.100:80 -s mh -b mh-port",
            by: &["web1"],
            ..NO_MORE
        },
    };

    a_service_whose_servers_are_full_is_not_given_a_command_that_guesses_a_threshold: Row {
        kind: FindingKind::ServiceFull,
        site: Layout::DIRECT,
        on: "director",
        // Connections that were closed count until they expire.
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -x 2
                ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -x 2",
        clients: Clients::SomeUnserved,
        remedy: Printed::Nothing("how many connections a server can have is known to its operator"),
        more: NO_MORE,
    };

    a_service_that_is_never_served_is_not_deleted_by_a_command: Row {
        kind: FindingKind::ServiceNeverServed,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs add-service -t 0.0.0.0:80 -s rr --force
                ipvs-rs add-destination -t 0.0.0.0:80 -r 10.10.10.12",
        clients: Clients::Served,
        remedy: Printed::Nothing("which address was meant is known to the operator"),
        more: NO_MORE,
    };

    an_engine_that_is_not_used_is_not_removed_by_a_command: Row {
        kind: FindingKind::EngineUnused,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs add-service -u 10.10.10.100:5060 -s rr --pe sip --force
                ipvs-rs add-destination -u 10.10.10.100:5060 -r 10.10.10.12",
        clients: Clients::Served,
        remedy: Printed::Nothing("whether persistence is missing is known to the operator"),
        more: More {
            with: &[FindingKind::DeletedServerKeepsClients],
            ..NO_MORE
        },
    };
}
