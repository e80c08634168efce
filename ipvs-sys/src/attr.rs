//! The attribute spaces of the IPVS family, one enum each.
//!
//! One line of a [`space!`] table holds an attribute's number, value type and encoding, so encoding
//! and decoding cannot disagree.

mod codec;
mod command;
mod daemon;
mod destination;
mod info;
mod list;
mod service;
mod stats;

use netlink_packet_core::{DecodeError, NLA_F_NESTED, NLA_F_NET_BYTEORDER, Nla, NlaBuffer};

pub use codec::text;
pub use command::CmdAttr;
pub use daemon::DaemonAttr;
pub use destination::DestAttr;
pub use info::InfoAttr;
pub use list::{Attribute, Attributes};
pub use service::{ServiceFlags, SvcAttr};
pub use stats::{Stats64Attr, StatsAttr};

pub(crate) use codec::{attributes, exactly};

/// An attribute space: the set of attributes that one nest can hold, with one numbering.
///
/// The attribute enums of this crate implement it; no other type needs to.
pub trait AttributeSpace: Nla + Sized {
    /// Decodes one attribute. An attribute with an unknown number is kept as it is.
    ///
    /// # Errors
    /// [`DecodeError`] if the value's length does not fit the attribute's type.
    fn read(attribute: Attribute<'_>) -> Result<Self, DecodeError>;

    /// Drops the attribute's value. Where the compiler knows the variant and the value is a number,
    /// this compiles to nothing; dropping the enum would branch on the variant first.
    fn discard(self);
}

/// Declares an attribute space: the enum, and how each variant is encoded and decoded.
///
/// A line reads `Variant(type) = NUMBER as Codec`.
macro_rules! space {
    (
        $(#[$space_doc:meta])*
        $space:ident {
            $($(#[$doc:meta])* $variant:ident($type:ty) = $number:ident as $codec:ident,)+
        }
    ) => {
        $(#[$space_doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $space {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\n[`", stringify!($number), "`](crate::constants::", stringify!($number), ")")]
                $variant($type),
            )+
            /// An attribute that this version of the crate does not know, unchanged.
            Other(netlink_packet_core::DefaultNla),
        }

        impl crate::AttributeSpace for $space {
            #[inline(always)]
            fn read(
                attribute: crate::Attribute<'_>,
            ) -> Result<Self, netlink_packet_core::DecodeError> {
                match attribute.kind {
                    $($number => match <$codec as Codec<$type>>::parse(attribute.value) {
                        Ok(value) => Ok(Self::$variant(value)),
                        Err(cause) => Err(crate::attr::about(stringify!($number), &cause)),
                    },)+
                    _ => Ok(Self::Other(netlink_packet_core::DefaultNla::new(
                        attribute.kind_with_flags,
                        attribute.value.to_vec(),
                    ))),
                }
            }

            #[inline(always)]
            fn discard(self) {
                match self {
                    $(Self::$variant(value) => {
                        let _dropped: $type = value;
                    })+
                    Self::Other(unknown) => drop(unknown),
                }
            }
        }

        impl netlink_packet_core::Nla for $space {
            #[inline(always)]
            fn value_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => <$codec as Codec<$type>>::len(value),)+
                    Self::Other(unknown) => unknown.value_len(),
                }
            }

            #[inline(always)]
            fn kind(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => $number | <$codec as Codec<$type>>::KIND_FLAGS,)+
                    Self::Other(unknown) => unknown.kind(),
                }
            }

            #[inline(always)]
            fn emit_value(&self, buffer: &mut [u8]) {
                match self {
                    $(Self::$variant(value) => <$codec as Codec<$type>>::emit(value, buffer),)+
                    Self::Other(unknown) => unknown.emit_value(buffer),
                }
            }
        }

        impl<'a, T: AsRef<[u8]> + ?Sized>
            netlink_packet_core::Parseable<netlink_packet_core::NlaBuffer<&'a T>> for $space
        {
            fn parse(
                attribute: &netlink_packet_core::NlaBuffer<&'a T>,
            ) -> Result<Self, netlink_packet_core::DecodeError> {
                crate::AttributeSpace::read(crate::attr::unread(attribute))
            }
        }
    };
}
pub(crate) use space;

/// Converts an attribute of `netlink-packet-core`, with its flags.
pub(crate) fn unread<'a, T: AsRef<[u8]> + ?Sized>(attribute: &'a NlaBuffer<&T>) -> Attribute<'a> {
    let mut kind = attribute.kind();
    if attribute.nested_flag() {
        kind |= NLA_F_NESTED;
    }
    if attribute.network_byte_order_flag() {
        kind |= NLA_F_NET_BYTEORDER;
    }
    Attribute::new(kind, attribute.value())
}

/// Names the attribute in a decode error. `#[cold]` keeps it out of the hot path.
#[cold]
pub(crate) fn about(name: &str, cause: &DecodeError) -> DecodeError {
    format!("{name}: {cause}").into()
}
