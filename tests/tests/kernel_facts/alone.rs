//! Up to 7.0 one table has the services of all namespaces, and a long dump misses some when others
//! go. Namespaces of tests that are over go a moment later.

use std::fs;

use crate::common::traffic::eventually;

/// Waits until the services of the tests before are gone with their namespaces: until nobody uses
/// the scheduler that they have.
pub(crate) fn wait_to_be_alone() {
    let users = || {
        let modules = fs::read_to_string("/proc/modules").unwrap();
        let mut columns = modules.lines().map(str::split_whitespace);
        columns.find_map(|mut words| {
            (words.next() == Some("ip_vs_rr")).then(|| words.nth(1).unwrap().to_owned())
        })
    };
    let left = eventually(users, |users| users.as_deref().is_none_or(|it| it == "0"));
    assert!(left.as_deref().is_none_or(|it| it == "0"), "{left:?}");
}
