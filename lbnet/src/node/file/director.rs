//! `[director]`: the virtual IPs of a director.

use serde::{Deserialize, Serialize};

use super::{as_word, one_or_several};
use crate::{Announcement, DeviceName, Director, IpPrefix, Placement, model::is_default};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectorSection {
    vips: Vec<Keys>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    address: IpPrefix,
    device: DeviceName,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, with = "as_word", skip_serializing_if = "is_default")]
    place: Placement,
    #[serde(
        default,
        with = "one_or_several",
        skip_serializing_if = "Vec::is_empty"
    )]
    forward: Vec<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<DeviceName>,
    #[serde(default, skip_serializing_if = "is_default")]
    conntrack: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    reschedule: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    unannounced: bool,
}

/// How a director forwards packets. Of these, its host must be set up for masquerading alone.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Direct,
    Masquerade,
    Tunnel,
}

impl DirectorSection {
    pub(super) fn directors(self) -> impl Iterator<Item = Director> {
        self.vips.into_iter().map(Keys::director)
    }

    /// The section of these directors, if there are any.
    ///
    /// # Errors
    /// A director that is announced in a way of its own, for which the file has no key.
    pub(super) fn of(directors: &[Director]) -> Result<Option<Self>, String> {
        if directors.is_empty() {
            return Ok(None);
        }
        let vips: Result<_, _> = directors.iter().map(Keys::of).collect();
        Ok(Some(Self { vips: vips? }))
    }
}

impl Keys {
    fn director(self) -> Director {
        let mut director = Director::new(self.address, self.device).placement(self.place);
        if let Some(label) = self.label {
            director = director.label(label);
        }
        if self.forward.contains(&Method::Masquerade) {
            director = director.masquerade();
        }
        if let Some(device) = self.gateway {
            director = director.gateway_on(device);
        }
        if self.conntrack {
            director = director.track_connections();
        }
        if self.reschedule {
            director = director.reschedule_clients();
        }
        if self.unannounced {
            director = director.unannounced();
        }
        director
    }

    fn of(director: &Director) -> Result<Self, String> {
        let unannounced = match director.announcement() {
            None => true,
            Some(announcement) if announcement == Announcement::default() => false,
            Some(_) => {
                let vip = director.vip();
                return Err(format!("{vip} is announced otherwise than by default"));
            }
        };
        let masquerade = director.masquerades().then_some(Method::Masquerade);
        Ok(Self {
            address: director.vip(),
            device: director.device().clone(),
            label: director.vip_label().map(str::to_owned),
            place: director.vip_placement().clone(),
            forward: masquerade.into_iter().collect(),
            gateway: director.gateway().cloned(),
            conntrack: director.tracks_connections(),
            reschedule: director.reschedules_clients(),
            unannounced,
        })
    }
}
