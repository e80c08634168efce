//! What the doctor finds on sites without a fault.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::super::at_once::at_once;
use super::super::finding::{Found, ask_doctor};
use super::site::Layout;
use ipvs_lab::site::Site;

/// The hosts of which the doctor is asked.
pub(super) const EXAMINED: [&str; 3] = ["director", "web1", "web2"];

/// What is found on each host: notes.
pub(super) type Usual = HashMap<&'static str, Vec<Found>>;

/// What was found on sites of a layout. It is the same on the next one, and asking three hosts takes
/// longer than anything else that is done for a row.
static KNOWN: Mutex<Vec<(Layout, Usual)>> = Mutex::new(Vec::new());

/// What is found on each host of a site that serves clients.
#[track_caller]
pub(super) fn found_on(layout: Layout, site: &Site) -> Usual {
    // A test that failed while it had the lock has changed nothing.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, usual)) = known.iter().find(|(it, _)| *it == layout) {
        return usual.clone();
    }
    let usual: Usual = at_once(EXAMINED, |name| ask(layout, site, name)).into();
    known.push((layout, usual.clone()));
    usual
}

/// What is found on one host, where nothing is wrong.
#[track_caller]
pub(super) fn ask(layout: Layout, site: &Site, name: &str) -> Vec<Found> {
    let found = ask_doctor(site.host(name), &layout.doctor(name));
    let serious: Vec<_> = found.iter().filter(|it| it.is_serious()).collect();
    assert!(serious.is_empty(), "{name}, without a fault: {serious:#?}");
    found
}
