//! Parsers for single values. Each error says what is allowed.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

pub(crate) fn duration(text: &str) -> Result<Duration, ipvs::ParseError> {
    ipvs::duration::parse(text)
}

/// A number without a sign: `+1` would be read as 1, although it looks like one more.
pub(crate) fn number<N: FromStr>(text: &str) -> Option<N> {
    let digits = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    text.parse().ok().filter(|_| digits(text))
}

/// A firewall mark as `iptables` takes it: a decimal number, or a hexadecimal one after `0x`.
pub(crate) fn fwmark(text: &str) -> Result<NonZeroU32, &'static str> {
    let hexadecimal = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let mark = match hexadecimal {
        Some(digits) if digits.starts_with(|first: char| first.is_ascii_hexdigit()) => {
            u32::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None => number(text),
    };
    mark.and_then(NonZeroU32::new)
        .ok_or("a firewall mark is a number from 1 to 4294967295, or from 0x1 to 0xffffffff")
}

pub(crate) fn address(text: &str) -> Result<IpAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address without prefix length or port, such as 10.10.10.100")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_decimal_or_hexadecimal_and_nothing_else() {
        for (text, mark) in [
            ("7", 7),
            ("0x10000", 65536),
            ("0XfF", 255),
            ("4294967295", u32::MAX),
            ("0xffffffff", u32::MAX),
        ] {
            assert_eq!(fwmark(text).map(NonZeroU32::get), Ok(mark), "{text}");
        }
        for text in [
            "",
            "0",
            "0x",
            "0x0",
            "x7",
            "+7",
            "0x+7",
            "-1",
            "7 ",
            "4294967296",
            "0x100000000",
            "1e3",
        ] {
            assert!(fwmark(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_with_a_sign_is_none() {
        assert_eq!(number("10"), Some(10_u32));
        for text in ["+1", "-1", "", " 1", "1 ", "4294967296"] {
            assert_eq!(number::<u32>(text), None, "{text}");
        }
    }
}
