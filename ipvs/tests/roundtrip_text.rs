//! What is valid survives being written as text.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use common::strategies::{any_destination, any_service, any_table};
use common::{endpoint, mark};
use ipvs::{
    Destination, DestinationId, Encapsulation, Family, Forwarding, ParseError, Service, ServiceId,
    Table, file, json,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// `Display`, `FromStr` and serde agree on one text, which can be a key of a JSON object.
fn assert_text<T>(value: &T) -> Result<(), TestCaseError>
where
    T: Display + FromStr<Err = ParseError> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = value.to_string();
    prop_assert_eq!(&text.parse::<T>().unwrap(), value, "{}", text);
    let json = serde_json::to_value(value).unwrap();
    prop_assert!(json.is_string(), "{json}");
    prop_assert_eq!(&serde_json::from_value::<T>(json).unwrap(), value);
    Ok(())
}

#[test]
fn services_are_named_as_in_messages() {
    for (text, id) in [
        (
            "tcp:10.10.10.100:80",
            ServiceId::tcp(endpoint("10.10.10.100:80")),
        ),
        (
            "udp:[2001:db8::1]:53",
            ServiceId::udp(endpoint("[2001:db8::1]:53")),
        ),
        ("sctp:192.0.2.1:0", ServiceId::sctp(endpoint("192.0.2.1"))),
        ("fwmark:7", ServiceId::fwmark(mark(7), Family::Ipv4)),
        ("fwmark:7/ipv6", ServiceId::fwmark(mark(7), Family::Ipv6)),
    ] {
        assert_eq!(id.to_string(), text);
        assert_eq!(text.parse(), Ok(id));
    }
    assert_eq!(
        "fwmark:7/ipv4".parse(),
        Ok(ServiceId::fwmark(mark(7), Family::Ipv4))
    );
    assert_eq!(
        "TCP:192.0.2.1".parse(),
        Ok(ServiceId::tcp(endpoint("192.0.2.1")))
    );
    for wrong in [
        "",
        "tcp",
        "tcp:",
        "icmp:192.0.2.1:80",
        "fwmark:0",
        "fwmark:7/inet",
        "192.0.2.1:80",
    ] {
        let error = wrong.parse::<ServiceId>().unwrap_err();
        assert_eq!(error, ParseError::ServiceId(wrong.to_owned()));
    }
}

#[test]
fn forwarding_is_written_with_its_tunnel() {
    let text = |text: &str| text.parse::<Forwarding>().map(|it| it.to_string());
    for same in [
        "direct",
        "masquerade",
        "tunnel",
        "tunnel:gue,port=6080,csum",
        "tunnel:gre,csum",
    ] {
        assert_eq!(text(same).as_deref(), Ok(same));
    }
    assert_eq!(text("tunnel:ipip").as_deref(), Ok("tunnel"));
    assert_eq!(
        text("tunnel:gue,csum,port=1").as_deref(),
        Ok("tunnel:gue,port=1,csum")
    );
    assert_eq!(text("tunnel:gue"), Err(ParseError::GuePort));
    let unused = ParseError::TunnelNotUsed("direct".to_owned());
    assert_eq!(text("direct:ipip"), Err(unused));
    for wrong in [
        "",
        "vxlan",
        "ipip,csum",
        "gre,remcsum",
        "gre,port=1",
        "gue,port=0",
        "gue,port=1,",
    ] {
        let unknown = ParseError::Encapsulation(wrong.to_owned());
        assert_eq!(wrong.parse::<Encapsulation>(), Err(unknown));
    }
}

#[test]
fn an_identity_can_be_the_key_of_a_json_object() {
    let destinations = BTreeMap::from([(endpoint("198.51.100.7:80"), 1)]);
    let services = BTreeMap::from([(ServiceId::tcp(endpoint("192.0.2.10:80")), destinations)]);
    assert_eq!(
        serde_json::to_string(&services).unwrap(),
        r#"{"tcp:192.0.2.10:80":{"198.51.100.7:80":1}}"#
    );
}

proptest! {
    #[test]
    fn a_table_comes_back_from_its_file(table in any_table()) {
        let file = toml::to_string(&table).unwrap();
        prop_assert_eq!(toml::from_str::<Table>(&file).unwrap(), table, "{}", file);
    }

    #[test]
    fn a_table_comes_back_from_json(table in any_table()) {
        let text = serde_json::to_string(&json::Table(&table)).unwrap();
        let json::Table(read) = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, table, "{}", text);
    }

    #[test]
    fn the_parts_of_a_file_come_back_by_themselves(table in any_table()) {
        for server in table.virtual_servers {
            let text = toml::to_string(&file::Service(server.clone())).unwrap();
            let file::Service(read) = toml::from_str(&text).unwrap();
            prop_assert_eq!(read, server, "{}", text);
        }
        for daemon in table.sync_daemons {
            let text = toml::to_string(&file::SyncDaemon(daemon.clone())).unwrap();
            let file::SyncDaemon(read) = toml::from_str(&text).unwrap();
            prop_assert_eq!(read, daemon, "{}", text);
        }
        let text = toml::to_string(&file::Timeouts(table.timeouts)).unwrap();
        let file::Timeouts(read) = toml::from_str(&text).unwrap();
        prop_assert_eq!(read, table.timeouts, "{}", text);
    }

    #[test]
    fn what_has_a_text_form_comes_back_from_it(
        (service, destination) in any_service().prop_flat_map(|service| {
            let destination = any_destination(service.id);
            (Just(service), destination)
        }),
        method in any::<u8>(),
        (kind, port, flags) in any::<(u8, u16, u16)>(),
    ) {
        assert_text(&service.id)?;
        assert_text(&destination.id)?;
        assert_text(&destination.forwarding)?;
        assert_text(&Forwarding::Other(method))?;
        assert_text(&Forwarding::Tunnel(Encapsulation::Other { kind, port, flags }))?;
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC*", mark in "fwmark:[0-9/a-z]*") {
        for text in [text, mark] {
            let _ = text.parse::<ServiceId>();
            let _ = text.parse::<Forwarding>();
            let _ = text.parse::<DestinationId>();
        }
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
