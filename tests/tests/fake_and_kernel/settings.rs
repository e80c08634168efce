//! `net.ipv4.vs.*`.

use std::collections::BTreeMap;

use ipvs::settings::{self, ConnectionReuse, Defense, SyncThreshold};
use ipvs::{Client, Error};

use crate::common::seconds;

crate::conversations![
    a_namespace_begins_with_the_defaults,
    values_are_read_back_as_they_were_written,
    a_value_that_the_kernel_refuses_leaves_the_old_one,
    most_settings_take_any_number,
    a_setting_that_is_not_there_says_so,
    all_settings_are_listed_with_what_was_set,
];

/// Those of Linux 6.1; some schedulers bring more.
const NAMES: [&str; 28] = [
    "am_droprate",
    "amemthresh",
    "backup_only",
    "cache_bypass",
    "conn_reuse_mode",
    "conntrack",
    "debug_level",
    "drop_entry",
    "drop_packet",
    "expire_nodest_conn",
    "expire_quiescent_template",
    "ignore_tunneled",
    "nat_icmp_send",
    "pmtu_disc",
    "run_estimation",
    "schedule_icmp",
    "secure_tcp",
    "sloppy_sctp",
    "sloppy_tcp",
    "snat_reroute",
    "sync_persist_mode",
    "sync_ports",
    "sync_qlen_max",
    "sync_refresh_period",
    "sync_retries",
    "sync_sock_size",
    "sync_threshold",
    "sync_version",
];

fn all(ipvs: &Client) -> BTreeMap<String, String> {
    let settings = ipvs.settings().unwrap().into_iter();
    settings
        .filter(|(name, _)| !name.starts_with("lblc"))
        .collect()
}

fn set(ipvs: &Client, name: &str, value: &str) -> Result<(), Error> {
    ipvs.set_setting(&settings::other(name).unwrap(), value.to_owned())
}

fn get(ipvs: &Client, name: &str) -> String {
    ipvs.setting(&settings::other(name).unwrap()).unwrap()
}

fn a_namespace_begins_with_the_defaults(ipvs: &mut Client) {
    let settings = all(ipvs);
    assert!(settings.keys().eq(NAMES), "{settings:?}");
    for (name, value) in settings {
        let known = settings::description(&name).unwrap();
        match known.default {
            Some(default) => assert_eq!(value, default, "{name}"),
            None => assert_eq!(name, "sync_qlen_max"),
        }
    }
}

fn values_are_read_back_as_they_were_written(ipvs: &mut Client) {
    macro_rules! assert_kept {
        ($($setting:ident: $value:expr),+ $(,)?) => {$(
            ipvs.set_setting(&settings::$setting, $value).unwrap();
            assert_eq!(ipvs.setting(&settings::$setting).unwrap(), $value);
        )+};
    }
    assert_kept! {
        AM_DROPRATE: 7,
        AMEMTHRESH: 2048,
        BACKUP_ONLY: true,
        CACHE_BYPASS: true,
        CONN_REUSE_MODE: ConnectionReuse::all(),
        CONNTRACK: true,
        DROP_ENTRY: Defense::On,
        DROP_PACKET: Defense::On,
        EXPIRE_NODEST_CONN: true,
        EXPIRE_QUIESCENT_TEMPLATE: true,
        IGNORE_TUNNELED: true,
        NAT_ICMP_SEND: true,
        PMTU_DISC: false,
        SCHEDULE_ICMP: true,
        SECURE_TCP: Defense::On,
        SLOPPY_SCTP: true,
        SLOPPY_TCP: true,
        SNAT_REROUTE: false,
        SYNC_PERSIST_MODE: true,
        SYNC_PORTS: 4,
        SYNC_QLEN_MAX: 10_000,
        SYNC_REFRESH_PERIOD: seconds(10),
        SYNC_RETRIES: 3,
        SYNC_SOCK_SIZE: 1 << 20,
        SYNC_THRESHOLD: SyncThreshold { packet: 0, period: 1 },
        SYNC_VERSION: 0,
        RUN_ESTIMATION: false,
    };
    ipvs.set_setting(&settings::RUN_ESTIMATION, true).unwrap();
}

fn a_value_that_the_kernel_refuses_leaves_the_old_one(ipvs: &mut Client) {
    for (name, values) in [
        ("drop_entry", &["-1", "4"][..]),
        ("drop_packet", &["-1", "4"]),
        ("secure_tcp", &["-1", "4"]),
        ("sync_retries", &["-1", "4"]),
        ("sync_version", &["-1", "2"]),
        ("sync_ports", &["0", "-1", "3"]),
        ("sync_qlen_max", &["-1"]),
        ("sync_threshold", &["3 3", "-1 5", "0 -1", "9 3"]),
        ("conntrack", &["yes", "2147483648"]),
    ] {
        let before = get(ipvs, name);
        for value in values {
            let error = set(ipvs, name, value).unwrap_err();
            assert!(matches!(error, Error::SettingRefused { .. }), "{error:?}");
            let message = format!("net.ipv4.vs.{name} cannot be {value:?}");
            assert_eq!(error.to_string(), message);
            assert_eq!(get(ipvs, name), before, "{name} = {value}");
        }
    }
}

fn most_settings_take_any_number(ipvs: &mut Client) {
    for value in ["-1", "5"] {
        set(ipvs, "conntrack", value).unwrap();
        assert_eq!(get(ipvs, "conntrack"), value);
        assert!(ipvs.setting(&settings::CONNTRACK).unwrap());
    }
    set(ipvs, "conn_reuse_mode", "-5").unwrap();
    let reuse = ipvs.setting(&settings::CONN_REUSE_MODE).unwrap();
    assert_eq!(reuse.bits(), -5);
}

fn a_setting_that_is_not_there_says_so(ipvs: &mut Client) {
    for refused in [
        set(ipvs, "of_a_newer_kernel", "1"),
        ipvs.setting(&settings::EST_NICE).map(drop),
        ipvs.set_setting(&settings::SVC_LFACTOR, 1),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::SettingNotFound(_)), "{error:?}");
    }
}

fn all_settings_are_listed_with_what_was_set(ipvs: &mut Client) {
    let mut before = all(ipvs);
    ipvs.set_setting(&settings::EXPIRE_NODEST_CONN, true)
        .unwrap();
    before.insert("expire_nodest_conn".to_owned(), "1".to_owned());
    assert_eq!(all(ipvs), before);
}
