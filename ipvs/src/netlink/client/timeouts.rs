use ipvs_sys::Command;

use crate::netlink::errno::Request;
use crate::{Client, Error, Timeouts, model::validate, netlink::convert};

impl Client {
    /// Reads the timeouts.
    ///
    /// Same as `ipvsadm -L --timeout`.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_CONFIG`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_CONFIG")]
    pub fn timeouts(&mut self) -> Result<Timeouts, Error> {
        let answer = self.get(Request::General, Command::GetConfig, vec![])?;
        Ok(convert::timeouts::from_message(answer).map_err(ipvs_sys::Error::from)?)
    }

    /// Sets the timeouts that are given and keeps the others. A connection gets its new timeout with its
    /// next packet.
    ///
    /// Same as `ipvsadm --set`.
    ///
    /// # Units
    /// Whole seconds, from 1 to 2147483. A fraction is refused.
    ///
    /// # Errors
    /// [`Invalid::Timeout`](crate::Invalid::Timeout): a timeout is invalid. None is changed.
    ///
    /// # Kernel
    /// `IPVS_CMD_SET_CONFIG`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_SET_CONFIG")]
    pub fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        validate::timeouts(timeouts)?;
        self.send_timeouts(timeouts)
    }

    /// Sets the timeouts that are given and returns their old values, so that the caller can restore them.
    ///
    /// # Errors
    /// Those of [`set_timeouts`](Self::set_timeouts).
    ///
    /// # Examples
    /// ```no_run
    /// # use std::time::Duration;
    /// # use ipvs::{Client, Timeouts};
    /// let mut ipvs = Client::open()?;
    /// let before = ipvs.replace_timeouts(&Timeouts::default().udp(Duration::from_secs(30)))?;
    /// // …
    /// ipvs.set_timeouts(&before)?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn replace_timeouts(&mut self, timeouts: &Timeouts) -> Result<Timeouts, Error> {
        let before = self.timeouts()?;
        self.set_timeouts(timeouts)?;
        Ok(before.named_by(timeouts))
    }

    /// Skips validation, so that whatever the kernel had can be restored.
    pub(crate) fn send_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        let attributes = convert::timeouts::to_attributes(timeouts);
        self.execute(Request::General, Command::SetConfig, attributes)
    }
}
