use std::time::Duration;

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::serde::checked;
use crate::{Invalid, Timeouts, model::validate};

#[derive(Default)]
pub(super) struct TimeoutsFile(pub(super) Timeouts);

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

impl TimeoutsFile {
    pub(super) fn is_empty(&self) -> bool {
        self.0 == Timeouts::default()
    }
}

impl Serialize for TimeoutsFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Timeouts { tcp, tcp_fin, udp } = self.0;
        Keys { tcp, tcp_fin, udp }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TimeoutsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

impl TryFrom<Keys> for TimeoutsFile {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let Keys { tcp, tcp_fin, udp } = keys;
        let timeouts = Timeouts { tcp, tcp_fin, udp };
        validate::timeouts(&timeouts)?;
        Ok(Self(timeouts))
    }
}
