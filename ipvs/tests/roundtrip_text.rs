//! What is valid survives being written as text.

mod common;

use common::strategies::{any_destination, any_service, any_table};
use ipvs::{Destination, Service, Table};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_table_comes_back_from_its_file(table in any_table()) {
        let file = toml::to_string(&table).unwrap();
        prop_assert_eq!(toml::from_str::<Table>(&file).unwrap(), table, "{}", file);
    }

    #[test]
    fn a_service_and_a_destination_come_back_from_json(
        (service, destination) in any_service().prop_flat_map(|service| {
            let destination = any_destination(service.id);
            (Just(service), destination)
        })
    ) {
        let json = serde_json::to_string(&service).unwrap();
        prop_assert_eq!(serde_json::from_str::<Service>(&json).unwrap(), service, "{}", json);
        let json = serde_json::to_string(&destination).unwrap();
        let read = serde_json::from_str::<Destination>(&json).unwrap();
        prop_assert_eq!(read, destination, "{}", json);
    }
}
