use std::str::FromStr;

/// Parses a number without a sign. The standard library also reads `+7`, which no program writes.
pub(super) fn unsigned<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use crate::{Encapsulation, Netmask, Protocol, ServiceId};

    #[test]
    fn a_number_with_a_sign_is_none() {
        assert!("fwmark:7".parse::<ServiceId>().is_ok());
        assert!("fwmark:+7".parse::<ServiceId>().is_err());
        assert!("+64".parse::<Netmask>().is_err());
        assert!("gue,port=+6080".parse::<Encapsulation>().is_err());
        assert!("ip_+7".parse::<Protocol>().is_err());
    }
}
