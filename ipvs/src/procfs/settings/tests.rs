use std::time::Duration;

use super::*;

#[track_caller]
fn assert_written<T: Value + PartialEq + fmt::Debug>(
    setting: &Setting<T>,
    values: impl IntoIterator<Item = (T, &'static str)>,
) {
    for (value, text) in values {
        assert_eq!(setting.text(&value).as_deref(), Ok(text));
        assert_eq!(T::read(text), Some(value));
    }
}

#[track_caller]
fn assert_refused<T: Value>(setting: &Setting<T>, values: impl IntoIterator<Item = T>) {
    for value in values {
        let refused = Invalid::Setting {
            name: setting.name().to_owned(),
            value: value.write(),
        };
        assert_eq!(setting.text(&value), Err(refused));
    }
}

#[test]
fn values_are_written_as_the_kernel_writes_them() {
    assert_written(&CONNTRACK, [(false, "0"), (true, "1")]);
    assert_written(&AM_DROPRATE, [(-1, "-1"), (10, "10")]);
    assert_written(&SYNC_QLEN_MAX, [(u64::MAX, "18446744073709551615")]);
    assert_written(
        &DROP_ENTRY,
        [
            (Defense::Off, "0"),
            (Defense::Automatic, "1"),
            (Defense::AutomaticActive, "2"),
            (Defense::On, "3"),
        ],
    );
    let both = ConnectionReuse::RESCHEDULE | ConnectionReuse::RESCHEDULE_AFTER_FIN;
    let unknown = ConnectionReuse::from_bits_retain(-5);
    let none = ConnectionReuse::empty();
    assert_written(
        &CONN_REUSE_MODE,
        [(both, "3"), (none, "0"), (unknown, "-5")],
    );
    let threshold = |packet, period| SyncThreshold { packet, period };
    assert_written(
        &SYNC_THRESHOLD,
        [(threshold(3, 50), "3\t50"), (threshold(7, 0), "7\t0")],
    );
    let day = Duration::from_secs(86_400);
    assert_written(&LBLC_EXPIRATION, [(day, "86400"), (Duration::ZERO, "0")]);
    assert_written(&EST_CPULIST, [("0-3,8".to_owned(), "0-3,8")]);
}

#[test]
fn what_the_kernel_would_refuse_or_cut_is_not_written() {
    assert_refused(&EST_NICE, [-21, 20]);
    assert_refused(&SYNC_RETRIES, [-1, 4]);
    assert_refused(&SYNC_VERSION, [2]);
    assert_refused(&CONN_LFACTOR, [-9, 9]);
    let threshold = |packet, period| SyncThreshold { packet, period };
    assert_refused(
        &SYNC_THRESHOLD,
        [threshold(3, 3), threshold(4, 3), threshold(1 << 31, 0)],
    );
    let uneven = Duration::from_millis(1500);
    assert_refused(
        &LBLC_EXPIRATION,
        [uneven, Duration::from_secs(1 << 31), Duration::MAX],
    );
    let lines = ["0\n1", "0\0"].map(str::to_owned);
    assert_refused(&EST_CPULIST, lines);
}

#[test]
fn the_ends_of_a_range_are_in_it() {
    assert_written(&EST_NICE, [(-20, "-20"), (19, "19")]);
    assert_written(&SYNC_RETRIES, [(0, "0"), (3, "3")]);
    let threshold = SyncThreshold {
        packet: 2,
        period: 3,
    };
    assert_written(&SYNC_THRESHOLD, [(threshold, "2\t3")]);
    let longest = Duration::from_secs((1 << 31) - 1);
    assert_written(&LBLC_EXPIRATION, [(longest, "2147483647")]);
}

#[test]
fn any_number_but_0_is_yes() {
    for text in ["1", "5", "-1"] {
        assert_eq!(bool::read(text), Some(true), "{text}");
    }
    assert_eq!(bool::read("yes"), None);
    assert_eq!(Defense::read("4"), None);
    assert_eq!(SyncThreshold::read("3"), None);
}

#[test]
fn every_default_is_a_value_that_could_be_written() {
    let known = descriptions();
    for Description { name, meaning, .. } in &known {
        assert!(meaning.ends_with('.'), "{name}: {meaning}");
    }
    let mut names: Vec<_> = known.iter().map(|known| known.name).collect();
    assert_eq!(names.len(), 35);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 35);
    let conntrack = description("conntrack").unwrap();
    assert_eq!(conntrack.default.as_deref(), Some("0"));
    assert_eq!(conntrack.since, Some("2.6.37"));
    assert_eq!(CONNTRACK.since(), Some("2.6.37"));
    assert_eq!(AM_DROPRATE.since(), None);
    assert_eq!(conntrack.range, None);
    assert_eq!(description("est_nice").unwrap().range, Some(-20..=19));
    assert_eq!(EST_NICE.range(), Some(&(-20..=19)));
    assert_eq!(description("no_such_thing"), None);
}

#[test]
fn a_name_leads_nowhere_else() {
    assert_eq!(
        other("of_a_newer_kernel").unwrap().to_string(),
        "net.ipv4.vs.of_a_newer_kernel"
    );
    for name in ["", ".", "..", "../ip_forward", "vs/x", "a b", "x\0"] {
        assert_eq!(other(name), Err(Invalid::SettingName(name.to_owned())));
    }
}
