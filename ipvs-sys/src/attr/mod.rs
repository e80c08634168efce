//! The attribute spaces of the family, one enum each.
//!
//! An attribute's number, value and encoding stand in one line of one table ([`space!`]), so that
//! writing and reading cannot disagree.

mod codec;
mod command;
mod daemon;
mod destination;
mod info;
mod service;
mod stats;

pub use command::CmdAttr;
pub use daemon::DaemonAttr;
pub use destination::DestAttr;
pub use info::InfoAttr;
pub use service::{ServiceFlags, SvcAttr};
pub use stats::{Stats64Attr, StatsAttr};

pub(crate) use codec::{attributes, exactly};

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

        impl netlink_packet_core::Nla for $space {
            fn value_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => <$codec as Codec<$type>>::len(value),)+
                    Self::Other(unknown) => unknown.value_len(),
                }
            }

            fn kind(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => $number | <$codec as Codec<$type>>::KIND_FLAGS,)+
                    Self::Other(unknown) => unknown.kind(),
                }
            }

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
                match attribute.kind() {
                    $($number => <$codec as Codec<$type>>::parse(attribute.value())
                        .map(Self::$variant)
                        .map_err(|cause| format!(concat!(stringify!($number), ": {}"), cause).into()),)+
                    _ => netlink_packet_core::DefaultNla::parse(attribute).map(Self::Other),
                }
            }
        }
    };
}
pub(crate) use space;
