//! An address and a port as two fields, as everywhere in JSON.

use std::net::IpAddr;
use std::num::NonZeroU16;

use ::serde::{Serialize, Serializer};

use crate::Endpoint;

#[derive(Serialize)]
struct EndpointFields {
    address: IpAddr,
    port: Option<NonZeroU16>,
}

/// Serializes an [`Endpoint`] field, for `#[serde(serialize_with)]`.
pub(crate) fn as_fields<S: Serializer>(
    endpoint: &Endpoint,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Endpoint { address, port } = *endpoint;
    EndpointFields { address, port }.serialize(serializer)
}
