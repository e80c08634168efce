use std::time::Duration;

use crate::model::flags::flags;

/// A type that a setting can have. The types in this module implement it, and no others.
pub trait Value: sealed::Sealed + Clone + Send + 'static {
    /// Parses the kernel's text, without the newline. Returns `None` if the text is no value of this type.
    fn read(text: &str) -> Option<Self>;

    /// Formats the value for the kernel.
    fn write(&self) -> String;

    /// Returns whether the kernel accepts the value and acts on it.
    fn is_possible(&self) -> bool {
        true
    }
}

/// Any number except 0 is `true`.
impl Value for bool {
    fn read(text: &str) -> Option<Self> {
        text.parse::<i32>().ok().map(|number| number != 0)
    }

    fn write(&self) -> String {
        u8::from(*self).to_string()
    }
}

macro_rules! number {
    ($($type:ty),+) => {$(
        impl Value for $type {
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

number!(i32, u32, u64);

/// The kernel's own text, one line.
impl Value for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn write(&self) -> String {
        self.clone()
    }

    fn is_possible(&self) -> bool {
        !self.contains(['\n', '\0'])
    }
}

/// Whole seconds.
impl Value for Duration {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::from_secs)
    }

    fn write(&self) -> String {
        self.as_secs().to_string()
    }

    fn is_possible(&self) -> bool {
        self.subsec_nanos() == 0 && i32::try_from(self.as_secs()).is_ok()
    }
}

/// When a defense against floods is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Defense {
    /// Never.
    #[default]
    Off,
    /// While memory is low ([`AMEMTHRESH`](super::AMEMTHRESH)), which it is not at present.
    Automatic,
    /// While memory is low, which it is at present. The kernel switches between this and
    /// [`Automatic`](Self::Automatic) by itself.
    AutomaticActive,
    /// Always.
    On,
}

impl Defense {
    const ALL: [Self; 4] = [Self::Off, Self::Automatic, Self::AutomaticActive, Self::On];
}

impl Value for Defense {
    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.write() == text)
    }

    fn write(&self) -> String {
        (*self as u8).to_string()
    }
}

flags! {
    /// When the kernel schedules a new connection that reuses the source port of one it still tracks.
    ///
    /// With no flag set, the new connection goes to the destination of the old one, even if that
    /// destination has been deleted.
    pub struct ConnectionReuse: i32 {
        /// Schedules the new connection where that is safe.
        const RESCHEDULE = 1;
        /// Also schedules it after a FIN. For direct routing and tunnels.
        const RESCHEDULE_AFTER_FIN = 1 << 1;
    }
}

impl Value for ConnectionReuse {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::from_bits_retain)
    }

    fn write(&self) -> String {
        self.bits().to_string()
    }
}

/// The packets of a connection at which the master sends it to the backup: packet number `packet` of
/// every period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyncThreshold {
    /// Number of the packet within a period.
    pub packet: u32,
    /// Length of a period, in packets. With 0, the master sends a connection once.
    pub period: u32,
}

impl Value for SyncThreshold {
    fn read(text: &str) -> Option<Self> {
        let (packet, period) = text.split_once('\t')?;
        Some(Self {
            packet: packet.parse().ok()?,
            period: period.parse().ok()?,
        })
    }

    fn write(&self) -> String {
        format!("{}\t{}", self.packet, self.period)
    }

    fn is_possible(&self) -> bool {
        let is_number = |number| i32::try_from(number).is_ok();
        let is_reached = self.period == 0 || self.packet < self.period;
        is_number(self.packet) && is_number(self.period) && is_reached
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for bool {}
    impl Sealed for i32 {}
    impl Sealed for u32 {}
    impl Sealed for u64 {}
    impl Sealed for String {}
    impl Sealed for std::time::Duration {}
    impl Sealed for super::Defense {}
    impl Sealed for super::ConnectionReuse {}
    impl Sealed for super::SyncThreshold {}
}
