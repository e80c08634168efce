//! The remedy test. For each kind of finding, its fault is planted on a site that serves clients; the
//! doctor finds it; every command that it prints is typed on the host that it is for; then the doctor
//! finds nothing new, and clients are served.
//!
//! A row of the table is a test, named for what must not happen. Rows of kinds without a command say
//! why, and test that none is printed.

mod pasted;
mod planted;
mod row;
mod site;
mod table;
mod usual;

mod arp;
mod masqueraded;
mod reach;
mod returning;
mod services;
mod serving;
mod settings;
mod sync;
mod travel;
mod tunnel;
mod vip;
