//! An address and a port as two fields, as JSON has them everywhere.

use std::net::IpAddr;
use std::num::NonZeroU16;

use ::serde::{Serialize, Serializer};

use crate::Endpoint;

#[derive(Serialize)]
struct EndpointFields {
    address: IpAddr,
    port: Option<NonZeroU16>,
}

/// For `#[serde(serialize_with)]` where an [`Endpoint`] is a field.
pub(crate) fn as_fields<S: Serializer>(
    endpoint: &Endpoint,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Endpoint { address, port } = *endpoint;
    EndpointFields { address, port }.serialize(serializer)
}
