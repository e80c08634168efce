use std::time::Duration;

/// How long the kernel remembers idle connections; one set for the whole network namespace.
///
/// Read, `None` means that the kernel was built without that protocol. Written, it keeps what is
/// set. There are no timeouts of single services: the kernel has none.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ipvs::Timeouts;
///
/// let longer = Timeouts::default().tcp(Duration::from_secs(2 * 3600));
/// assert_eq!(longer.udp, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Timeouts {
    /// An established TCP connection: 15 minutes by default, less than the two hours after which
    /// TCP keepalive first speaks.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub tcp: Option<Duration>,
    /// A TCP connection after a FIN: 2 minutes by default.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub tcp_fin: Option<Duration>,
    /// A UDP flow: 5 minutes by default.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub udp: Option<Duration>,
}

impl Timeouts {
    /// The longest timeout: what fits the kernel's signed 32-bit count of ticks at its highest
    /// tick rate, 1000 a second.
    pub const LONGEST: Duration = Duration::from_secs(2_147_483);

    /// For established TCP connections.
    #[must_use]
    pub fn tcp(mut self, timeout: Duration) -> Self {
        self.tcp = Some(timeout);
        self
    }

    /// For TCP connections after a FIN.
    #[must_use]
    pub fn tcp_fin(mut self, timeout: Duration) -> Self {
        self.tcp_fin = Some(timeout);
        self
    }

    /// Those that the other names.
    pub(crate) fn named_by(self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.filter(|_| other.tcp.is_some()),
            tcp_fin: self.tcp_fin.filter(|_| other.tcp_fin.is_some()),
            udp: self.udp.filter(|_| other.udp.is_some()),
        }
    }

    /// For UDP flows.
    #[must_use]
    pub fn udp(mut self, timeout: Duration) -> Self {
        self.udp = Some(timeout);
        self
    }
}
