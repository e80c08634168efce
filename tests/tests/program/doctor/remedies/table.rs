//! The table as a whole: no kind of finding is left out.

use std::collections::BTreeSet;

use lbnet::doctor::FindingKind;

use super::row::{Printed, Row};
use super::{
    arp, masqueraded, reach, returning, services, serving, settings, sync, travel, tunnel, vip,
};

/// All rows.
const TABLE: &[&[Row]] = &[
    arp::ROWS,
    masqueraded::ROWS,
    reach::ROWS,
    returning::ROWS,
    services::ROWS,
    serving::ROWS,
    settings::ROWS,
    sync::ROWS,
    travel::ROWS,
    tunnel::ROWS,
    vip::ROWS,
];

/// Kinds that no site of the lab can have, with the reason and what tests them instead.
const ELSEWHERE: &[(FindingKind, &str)] = &[
    (
        FindingKind::IpVsMissing,
        "its test unloads IPVS, and is in the program kernel_module",
    ),
    (
        FindingKind::FtpHelperMissing,
        "its test unloads a module, and is in doctor::masqueraded::own_kernel",
    ),
    (
        FindingKind::ServerUnanswered,
        "it has no command, and is not there before five clients wait; its tests are in doctor::silent",
    ),
    (
        FindingKind::ConnectionReuseDelayed,
        "kernels before 5.9 alone have it; a unit test reads such a version",
    ),
    (
        FindingKind::NetworkManagerManages,
        "NetworkManager does not run in the lab; unit tests read the files that it leaves",
    ),
    (
        FindingKind::NetworkdManages,
        "systemd-networkd does not run in the lab; unit tests read the files that it leaves",
    ),
    (
        FindingKind::FirewalldFilters,
        "firewalld does not run in the lab; unit tests have a process of its name",
    ),
];

fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().copied().flatten()
}

#[test]
fn every_kind_of_finding_is_in_the_table_or_says_why_not() {
    let fixed = |it: &&Row| matches!(it.remedy, Printed::Commands | Printed::Completed(_));
    let fixed: BTreeSet<_> = rows().filter(fixed).map(|it| it.kind).collect();
    let without = rows().filter_map(|it| match it.remedy {
        Printed::Shows(reason) | Printed::Nothing(reason) => Some((it.kind, reason)),
        Printed::Commands | Printed::Completed(_) => None,
    });
    let without: Vec<_> = without.chain(ELSEWHERE.iter().copied()).collect();
    for kind in FindingKind::KNOWN {
        let reasons: Vec<_> = without.iter().filter(|(it, _)| it == kind).collect();
        let is_explained = reasons.iter().all(|(_, reason)| !reason.is_empty());
        assert!(is_explained, "{kind}: no reason");
        assert!(
            fixed.contains(kind) || !reasons.is_empty(),
            "{kind} is not in the table"
        );
    }
}
