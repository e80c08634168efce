use std::time::Duration;

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::serde::checked;
use crate::{Invalid, model::validate};

/// Timeouts, as under `[timeouts]`. Reading validates them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts(pub crate::Timeouts);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    #[serde(default, with = "crate::duration::as_optional_text")]
    tcp: Option<Duration>,
    #[serde(default, with = "crate::duration::as_optional_text")]
    tcp_fin: Option<Duration>,
    #[serde(default, with = "crate::duration::as_optional_text")]
    udp: Option<Duration>,
}

impl Timeouts {
    pub(super) fn is_empty(&self) -> bool {
        self.0 == crate::Timeouts::default()
    }
}

impl Serialize for Timeouts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let crate::Timeouts { tcp, tcp_fin, udp } = self.0;
        Keys { tcp, tcp_fin, udp }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Timeouts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

impl TryFrom<Keys> for Timeouts {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let Keys { tcp, tcp_fin, udp } = keys;
        let timeouts = crate::Timeouts { tcp, tcp_fin, udp };
        validate::timeouts(&timeouts)?;
        Ok(Self(timeouts))
    }
}
