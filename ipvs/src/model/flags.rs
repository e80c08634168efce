//! Sets of flags in a number.

/// Declares a set of flags: a number of which each bit stands for itself, known or not.
macro_rules! flags {
    (
        $(#[$set_doc:meta])*
        pub struct $set:ident: $bits:ty {
            $($(#[$doc:meta])* const $flag:ident = $value:expr;)+
        }
    ) => {
        $(#[$set_doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $set($bits);

        impl $set {
            $($(#[$doc])* pub const $flag: Self = Self($value);)+

            /// No flag.
            pub const fn empty() -> Self {
                Self(0)
            }

            /// Every flag that has a name.
            pub const fn all() -> Self {
                Self(0 $(| Self::$flag.0)+)
            }

            /// The number that has these bits.
            pub const fn bits(self) -> $bits {
                self.0
            }

            /// The flags of a number. Bits without a name are kept.
            pub const fn from_bits_retain(bits: $bits) -> Self {
                Self(bits)
            }

            /// Whether no flag is set.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all of these flags are set.
            pub const fn contains(self, flags: Self) -> bool {
                self.0 & flags.0 == flags.0
            }
        }

        impl std::ops::BitOr for $set {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl std::ops::BitOrAssign for $set {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        /// The flags of the left side without those of the right side.
        impl std::ops::Sub for $set {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl FromIterator<Self> for $set {
            fn from_iter<I: IntoIterator<Item = Self>>(flags: I) -> Self {
                flags.into_iter().fold(Self::empty(), |all, flag| all | flag)
            }
        }
    };
}
pub(crate) use flags;
