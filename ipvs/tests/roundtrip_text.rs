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

#[test]
fn json_that_contradicts_itself_is_refused() {
    let good = serde_json::json!({
        "protocol": "tcp", "address": "192.0.2.1", "port": 80, "fwmark": null, "family": "ipv4",
        "scheduler": "rr", "persistence": null, "persistence_engine": null,
    });
    let read = |value| serde_json::from_value::<Service>(value).map_err(|e| e.to_string());
    assert_eq!(
        read(good.clone()).unwrap().id.to_string(),
        "tcp:192.0.2.1:80"
    );
    for (key, value, reason) in [
        (
            "family",
            serde_json::json!("ipv6"),
            "an address has its own",
        ),
        (
            "fwmark",
            serde_json::json!(7),
            "a service is named by one of",
        ),
        (
            "persistance",
            serde_json::json!(null),
            "unknown field `persistance`",
        ),
    ] {
        let mut wrong = good.clone();
        wrong[key] = value;
        let error = read(wrong).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_protocol_is_known_by_its_number() {
    use ipvs::Protocol;
    assert_eq!(Protocol::Other(6), Protocol::Tcp);
    assert_eq!(Protocol::Other(6).to_string(), "TCP");
    assert_ne!(Protocol::Other(47), Protocol::Tcp);
}
