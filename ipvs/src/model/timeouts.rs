use std::time::Duration;

/// How long the kernel tracks idle connections. The timeouts apply to the whole network namespace; the
/// kernel has none per service.
///
/// When read, `None` means that the kernel was built without that protocol. When written, `None` leaves
/// the timeout unchanged.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ipvs::Timeouts;
///
/// let longer = Timeouts::default().tcp(Duration::from_secs(2 * 3600));
/// assert_eq!(longer.udp, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Timeouts {
    /// Timeout of established TCP connections. The default is 15 minutes, less than the two hours after
    /// which TCP keepalive sends its first probe.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub tcp: Option<Duration>,
    /// Timeout of TCP connections after a FIN. The default is 2 minutes.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub tcp_fin: Option<Duration>,
    /// Timeout of UDP flows. The default is 5 minutes.
    #[cfg_attr(
        feature = "serde",
        serde(default, with = "crate::duration::as_optional_text")
    )]
    pub udp: Option<Duration>,
}

impl Timeouts {
    /// The longest timeout. The kernel counts ticks in a signed 32-bit number, at up to 1000 ticks per
    /// second.
    pub const LONGEST: Duration = Duration::from_secs(2_147_483);

    /// Sets the timeout of established TCP connections.
    #[must_use]
    pub fn tcp(mut self, timeout: Duration) -> Self {
        self.tcp = Some(timeout);
        self
    }

    /// Sets the timeout of TCP connections after a FIN.
    #[must_use]
    pub fn tcp_fin(mut self, timeout: Duration) -> Self {
        self.tcp_fin = Some(timeout);
        self
    }

    /// Returns the timeouts that `other` also sets.
    pub(crate) fn named_by(self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.filter(|_| other.tcp.is_some()),
            tcp_fin: self.tcp_fin.filter(|_| other.tcp_fin.is_some()),
            udp: self.udp.filter(|_| other.udp.is_some()),
        }
    }

    /// Sets the timeout of UDP flows.
    #[must_use]
    pub fn udp(mut self, timeout: Duration) -> Self {
        self.udp = Some(timeout);
        self
    }
}
