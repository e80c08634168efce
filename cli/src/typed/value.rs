//! Parsers for single values. Each error says what is allowed.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

pub(crate) fn duration(text: &str) -> Result<Duration, ipvs::ParseError> {
    ipvs::duration::parse(text)
}

pub(crate) fn fwmark(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse()
        .map_err(|_| "a firewall mark is a number from 1 to 4294967295")
}

pub(crate) fn address(text: &str) -> Result<IpAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address without prefix length or port, such as 10.10.10.100")
}
