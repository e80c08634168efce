//! Durations as people write them: `300`, `300s`, `5m`, `1h 30m`. A bare number is seconds.

use std::fmt;
use std::time::Duration;

use crate::ParseError;

/// Parses a duration.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ipvs::duration;
///
/// assert_eq!(duration::parse("5m"), duration::parse("300"));
/// assert_eq!(duration::display(Duration::from_secs(900)).to_string(), "15m");
/// ```
pub fn parse(text: &str) -> Result<Duration, ParseError> {
    let seconds = text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if seconds {
        text.parse().ok().map(Duration::from_secs)
    } else {
        humantime::parse_duration(text).ok()
    };
    parsed.ok_or_else(|| ParseError::Duration(text.to_owned()))
}

/// Formats a duration so that [`parse`] reads it back: `31d`, `1h 30m`, `900ms`.
pub fn display(duration: Duration) -> impl fmt::Display {
    Units(duration)
}

/// The largest unit is the day: months and years have no fixed length.
struct Units(Duration);

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanoseconds) = (self.0.as_secs(), self.0.subsec_nanos());
        let parts = [
            (seconds / 86_400, "d"),
            (seconds / 3600 % 24, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
            (u64::from(nanoseconds / 1_000_000), "ms"),
            (u64::from(nanoseconds / 1000 % 1000), "us"),
            (u64::from(nanoseconds % 1000), "ns"),
        ];
        let mut separator = "";
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            write!(f, "{separator}{number}{unit}")?;
            separator = " ";
        }
        if separator.is_empty() {
            f.write_str("0s")
        } else {
            Ok(())
        }
    }
}

#[cfg(feature = "serde")]
pub(crate) mod as_text {
    use super::Duration;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&super::display(*duration))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(feature = "serde")]
pub(crate) mod as_optional_text {
    use super::Duration;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands over a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::as_text::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::parse(&text).map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_short_and_read_back() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (300, "5m"),
            (5400, "1h 30m"),
            (2_678_400, "31d"),
            (86_401, "1d 1s"),
        ] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(display(duration).to_string(), text);
            assert_eq!(parse(text), Ok(duration));
        }
        let fraction = Duration::new(1, 2_003_004);
        assert_eq!(parse(&display(fraction).to_string()), Ok(fraction));
        assert_eq!(
            parse(&display(Duration::MAX).to_string()),
            Ok(Duration::MAX)
        );
    }
}
