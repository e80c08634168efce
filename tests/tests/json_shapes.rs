//! What JSON looks like: `docs/json.md` shows it as it is.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use ipvs::testing::FakeKernel;
use ipvs::{
    Client, Connection, ConnectionSummary, Destination, Difference, Encapsulation, Endpoint,
    Family, Forwarding, GueChecksum, Netmask, Persistence, Service, SyncDaemon, SyncRole, Table,
    Timeouts, VirtualServer,
};
use serde_json::{Value, json};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

/// The JSON behind a heading of the documentation.
#[track_caller]
fn shown(heading: &str) -> Value {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, block) = section.split_once("```json\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    serde_json::from_str(block).unwrap()
}

fn kernel() -> (FakeKernel, Client) {
    let kernel = FakeKernel::new();
    let ipvs = kernel.client().unwrap();
    (kernel, ipvs)
}

/// One service with everything, and one with nothing.
fn site() -> (FakeKernel, Client) {
    let (kernel, mut ipvs) = kernel();
    let mask = Netmask::Ipv4([255, 255, 255, 0].into());
    let web = Service::tcp(endpoint("192.0.2.10:80"))
        .scheduler("mh".parse().unwrap())
        .persistent(Persistence::new(Duration::from_secs(300)).netmask(mask))
        .hashed(ipvs::Hashing::maglev().with_port());
    let limit = |number| NonZeroU32::new(number).unwrap();
    let server = Destination::new(endpoint("198.51.100.7:80"))
        .forwarding(Forwarding::Tunnel(Encapsulation::Gue {
            port: 6080.try_into().unwrap(),
            checksum: GueChecksum::Full,
        }))
        .upper_threshold(limit(1000))
        .lower_threshold(limit(800));
    ipvs.add_service(&web).unwrap();
    ipvs.add_destination(web.id, &server).unwrap();
    let marked = Service::fwmark(limit(7), Family::Ipv6);
    ipvs.add_service(&marked).unwrap();
    kernel
        .edit_traffic(web.id, server.id, |traffic| traffic.active_connections = 2)
        .unwrap();
    (kernel, ipvs)
}

#[test]
fn a_list_is_as_documented() {
    let (_, mut ipvs) = site();
    let servers = ipvs.virtual_servers().unwrap();
    assert_eq!(json!({ "services": servers }), shown("list"));
}

#[test]
fn a_list_without_privilege_is_as_documented() {
    let (_, ipvs) = site();
    let mut listing = serde_json::to_value(ipvs.listing().unwrap()).unwrap();
    let source = json!("/proc/net/ip_vs");
    listing
        .as_object_mut()
        .unwrap()
        .insert("source".to_owned(), source);
    assert_eq!(listing, shown("list, without privilege"));
}

#[test]
fn connections_and_their_summary_are_as_documented() {
    let lines = [
        "TCP C0000205 C5C6 C000020A 0050 C6336407 0050 ESTABLISHED SYNC       897",
        "UDP C0000205 0000 C000020A 13C4 C6336407 13C4 ASSURED          57 sip a84b4c76@pc33",
        "IP  C0000200 0000 00000007 0000 C6336407 0000 NONE            357",
    ];
    let connections: Vec<_> = lines.into_iter().filter_map(Connection::parse).collect();
    assert_eq!(json!({ "connections": connections }), shown("connections"));
    let summary: ConnectionSummary = connections.into_iter().collect();
    assert_eq!(json!({ "groups": summary }), shown("connections --summary"));
}

#[test]
fn the_smaller_ones_are_as_documented() {
    let (_, mut ipvs) = kernel();
    assert_eq!(json!(ipvs.timeouts().unwrap()), shown("timeouts"));
    assert_eq!(json!(ipvs.info().unwrap()), shown("info"));
    let master = SyncDaemon::new(SyncRole::Master, "eth0").sync_id(7);
    ipvs.start_sync_daemon(&master).unwrap();
    let daemons = ipvs.sync_daemons().unwrap();
    assert_eq!(json!({ "sync_daemons": daemons }), shown("sync-status"));
}

#[test]
fn the_changes_of_a_restore_are_as_documented() {
    let table = |server: &str, udp| {
        let web = Service::tcp(endpoint("192.0.2.10:80"));
        let server = Destination::new(endpoint(server));
        let timeouts = Timeouts::default().udp(Duration::from_secs(udp));
        Table::new(timeouts, [VirtualServer::new(web, [server])])
    };
    let (live, wanted) = (table("198.51.100.7:80", 300), table("198.51.100.8:80", 30));
    let changes: Vec<_> = Difference::between(&live, &wanted).changes().collect();
    assert_eq!(json!(changes), shown("restore")["changes"]);
}
