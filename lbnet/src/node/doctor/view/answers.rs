//! What the network answered when it was asked who has an address.

use std::{net::IpAddr, time::Duration};

use crate::{DeviceName, Error, Holder, Host, Probe, Usage};

/// A host that is up answers within milliseconds. Each question is asked three times.
const PATIENCE: Duration = Duration::from_millis(200);

/// An address, and the device on whose network others are asked for it.
pub(in crate::node::doctor) type Question = (IpAddr, DeviceName);

/// What the network answered.
#[derive(Debug, Default)]
pub(in crate::node::doctor) enum Answers {
    /// There was nothing to ask.
    #[default]
    NotAsked,
    /// Asking takes `CAP_NET_RAW`.
    Denied,
    /// It was asked.
    Given {
        asked: Vec<Question>,
        holders: Vec<Holder>,
    },
}

impl Answers {
    /// Asks for all addresses at the same time.
    pub(super) async fn to(host: &Host, questions: Vec<Question>) -> Result<Self, Error> {
        if questions.is_empty() {
            return Ok(Self::NotAsked);
        }
        let probe = Probe::default().interval(PATIENCE);
        match host.probe(&questions, probe).await {
            Ok(holders) => Ok(Self::Given {
                asked: questions,
                holders,
            }),
            Err(Error::PermissionDenied { .. }) => Ok(Self::Denied),
            Err(error) => Err(error),
        }
    }

    /// The hosts that have an address that was asked for.
    pub(in crate::node::doctor) fn holders(&self) -> impl Iterator<Item = &Holder> {
        let holders = match self {
            Self::Given { holders, .. } => holders.as_slice(),
            Self::NotAsked | Self::Denied => &[],
        };
        holders.iter().filter(|it| it.usage == Usage::InUse)
    }

    /// Whether another host has an address; none if nobody was asked.
    pub(in crate::node::doctor) fn is_held(&self, question: &Question) -> Option<bool> {
        match self {
            Self::Given { asked, .. } if asked.contains(question) => {
                let (address, device) = question;
                let mut holders = self.holders();
                Some(holders.any(|it| it.address == *address && it.device == *device))
            }
            _ => None,
        }
    }
}
