//! The attribute spaces of the family, one enum each.
//!
//! An attribute's number, value and encoding stand in one line of one table ([`space!`]), so that
//! writing and reading cannot disagree.

mod codec;
mod command;
mod daemon;
mod destination;
mod info;
mod list;
mod service;
mod stats;

use netlink_packet_core::{DecodeError, NLA_F_NESTED, NLA_F_NET_BYTEORDER, Nla, NlaBuffer};

pub use command::CmdAttr;
pub use daemon::DaemonAttr;
pub use destination::DestAttr;
pub use info::InfoAttr;
pub use list::{Attribute, Attributes};
pub use service::{ServiceFlags, SvcAttr};
pub use stats::{Stats64Attr, StatsAttr};

pub(crate) use codec::{attributes, exactly};

/// The attributes of one numbering: what a nest holds. Those of IPVS implement it, and nobody else
/// needs to.
pub trait AttributeSpace: Nla + Sized {
    /// Reads one.
    ///
    /// # Errors
    /// Where the value does not have the length of its kind. One whose number is not known is kept.
    fn read(attribute: Attribute<'_>) -> Result<Self, DecodeError>;

    /// Drops an attribute by dropping what it holds: where it is known which one it is, and that is a
    /// number, this is nothing, while dropping the whole looks which one it is.
    fn discard(self);
}

/// Declares an attribute space: the enum, how each variant is written and how it is read.
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
            /// An attribute that this version does not know, as it came.
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

/// What another library has of an attribute.
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

/// The error of one attribute. Apart, as it is never needed.
#[cold]
pub(crate) fn about(name: &str, cause: &DecodeError) -> DecodeError {
    format!("{name}: {cause}").into()
}
