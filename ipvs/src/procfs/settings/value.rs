use std::time::Duration;

/// What a setting can hold: the types that are listed here, and no others.
pub trait Value: sealed::Sealed + Clone + Send + 'static {
    /// Reads what the kernel says, without the newline; `None` where it is none of this type.
    fn read(text: &str) -> Option<Self>;

    /// What the kernel is told.
    fn write(&self) -> String;

    /// Whether the kernel could take it and would do what it says.
    fn is_possible(&self) -> bool {
        true
    }
}

/// Any number but 0 is yes.
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

/// As the kernel writes it. One line.
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

/// When a defense against floods is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Defense {
    /// Never.
    #[default]
    Off,
    /// While memory is short ([`AMEMTHRESH`](super::AMEMTHRESH)); it is not now.
    Automatic,
    /// While memory is short; it is now. The kernel turns this and [`Automatic`](Self::Automatic)
    /// into each other.
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

bitflags::bitflags! {
    /// When a new connection of a client may reuse the port of one that is still remembered.
    ///
    /// Without any, the new connection goes where the old one went, also to a destination that is
    /// gone.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ConnectionReuse: i32 {
        /// It is scheduled anew where that is safe.
        const RESCHEDULE = 1;
        /// The same where a FIN was seen: for direct routing and tunnels.
        const RESCHEDULE_AFTER_FIN = 1 << 1;
        const _ = !0;
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

/// Which packets of a connection make the master tell the backup of it: those whose number, counted
/// in periods, is `packet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyncThreshold {
    /// The packet of each period.
    pub packet: u32,
    /// How many packets are a period; 0 tells of a connection once.
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
