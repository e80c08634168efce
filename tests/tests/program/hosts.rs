//! The matrix of hosts: each kind of host that people have, as a director and as a real server, with
//! direct routing and tunnels, in both families.
//!
//! Each is set up by what docs/network.md says to type. Then either every client is served and the doctor
//! finds nothing, or `up` has refused before it changed anything, or the doctor says what is wrong. In
//! the end, everything is as it was before.

mod page;
mod row;
mod run;
mod site;
mod way;

mod addresses;
mod bonded;
mod contained;
mod named;
mod plain;
mod two_devices;
mod virtual_devices;
mod vrf;
mod without_ipv6;

/// All rows.
const ROWS: &[&[row::Row]] = &[
    addresses::ROWS,
    bonded::ROWS,
    contained::ROWS,
    named::ROWS,
    plain::ROWS,
    two_devices::ROWS,
    virtual_devices::ROWS,
    vrf::ROWS,
    without_ipv6::ROWS,
];
