use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;
use std::str::FromStr;

use crate::{Family, ParseError};

/// An address with a port, or with every port.
///
/// The text form is `192.0.2.10:80` or `[2001:db8::10]:80`. Without a port it is `192.0.2.10` or
/// `2001:db8::10`, with or without brackets. Port 0 means every port, as in the kernel.
///
/// # Examples
/// ```
/// use ipvs::Endpoint;
///
/// let web: Endpoint = "[2001:db8::10]:80".parse()?;
/// assert_eq!(web.port.map(u16::from), Some(80));
/// assert_eq!("192.0.2.10:0".parse::<Endpoint>()?, "192.0.2.10".parse()?);
/// # Ok::<(), ipvs::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port. `None` means every port.
    pub port: Option<NonZeroU16>,
}

impl Endpoint {
    /// Creates an endpoint. Port 0 means every port.
    pub fn new(address: IpAddr, port: u16) -> Self {
        Self {
            address,
            port: NonZeroU16::new(port),
        }
    }

    /// Returns the family of the address.
    pub fn family(self) -> Family {
        Family::of(self.address)
    }

    pub(crate) fn port_number(self) -> u16 {
        self.port.map_or(0, NonZeroU16::get)
    }
}

impl From<SocketAddr> for Endpoint {
    /// Port 0 becomes every port. The scope and the flow label of an IPv6 address are dropped.
    fn from(address: SocketAddr) -> Self {
        Self::new(address.ip(), address.port())
    }
}

impl From<IpAddr> for Endpoint {
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            port: None,
        }
    }
}

impl FromStr for Endpoint {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
        if let Ok(address) = text.parse::<SocketAddr>() {
            // `[fe80::1%2]:80` parses, but IPVS has no field for the interface.
            match address {
                SocketAddr::V6(v6) if v6.scope_id() != 0 => {}
                _ => return Ok(address.into()),
            }
        } else if let Some(address) = text.parse().ok().or_else(bracketed) {
            return Ok(Self {
                address,
                port: None,
            });
        }
        Err(ParseError::Endpoint(text.to_owned()))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = SocketAddr::new(self.address, self.port_number()).to_string();
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_address_is_refused_by_name() {
        for text in [
            "",
            "80",
            ":80",
            "*:80",
            "10.1:80",
            "192.0.2.1:99999",
            "[192.0.2.1]:80",
            "localhost:80",
            "fe80::1%2",
            "[fe80::1%2]:80",
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert_eq!(error, ParseError::Endpoint(text.to_owned()));
        }
    }

    #[test]
    fn an_ipv6_address_whose_end_looks_like_a_port_is_an_address() {
        let endpoint: Endpoint = "2001:db8::10:80".parse().unwrap();
        assert_eq!(endpoint.to_string(), "[2001:db8::10:80]:0");
    }
}
