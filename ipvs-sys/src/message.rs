use netlink_packet_core::{DecodeError, Emitable, Nla, ParseableParametrized};
use netlink_packet_generic::{GenlFamily, GenlHeader};

use crate::attr::{CmdAttr, InfoAttr, attributes};
use crate::constants::{
    IPVS_CMD_DEL_DAEMON, IPVS_CMD_DEL_DEST, IPVS_CMD_DEL_SERVICE, IPVS_CMD_FLUSH,
    IPVS_CMD_GET_CONFIG, IPVS_CMD_GET_DAEMON, IPVS_CMD_GET_DEST, IPVS_CMD_GET_INFO,
    IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_DAEMON, IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE,
    IPVS_CMD_SET_CONFIG, IPVS_CMD_SET_DEST, IPVS_CMD_SET_INFO, IPVS_CMD_SET_SERVICE, IPVS_CMD_ZERO,
    IPVS_GENL_NAME, IPVS_GENL_VERSION,
};

/// The command of a request or of an answer.
///
/// The kernel answers with the *write* command: `GetService` with `NewService`, `GetDest` with
/// `NewDest`, `GetDaemon` with `NewDaemon`, `GetConfig` with `SetConfig`, `GetInfo` with `SetInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Command {
    /// Adds a service. Needs the complete service.
    #[doc(alias = "IPVS_CMD_NEW_SERVICE")]
    NewService = IPVS_CMD_NEW_SERVICE,
    /// Replaces the configuration of a service. Needs the complete service.
    #[doc(alias = "IPVS_CMD_SET_SERVICE")]
    SetService = IPVS_CMD_SET_SERVICE,
    /// Deletes a service and its destinations. Needs the identity of the service.
    #[doc(alias = "IPVS_CMD_DEL_SERVICE")]
    DelService = IPVS_CMD_DEL_SERVICE,
    /// Reads one service, given its identity, or dumps all services. A dump cannot be filtered.
    #[doc(alias = "IPVS_CMD_GET_SERVICE")]
    GetService = IPVS_CMD_GET_SERVICE,
    /// Adds a destination. Needs the identity of the service and the complete destination.
    #[doc(alias = "IPVS_CMD_NEW_DEST")]
    NewDest = IPVS_CMD_NEW_DEST,
    /// Replaces the configuration of a destination, including its tunnel. Needs the same as `NewDest`.
    #[doc(alias = "IPVS_CMD_SET_DEST")]
    SetDest = IPVS_CMD_SET_DEST,
    /// Deletes a destination. Needs the identities of the service and the destination.
    #[doc(alias = "IPVS_CMD_DEL_DEST")]
    DelDest = IPVS_CMD_DEL_DEST,
    /// Dumps the destinations of a service. If the service does not exist, the dump is empty.
    #[doc(alias = "IPVS_CMD_GET_DEST")]
    GetDest = IPVS_CMD_GET_DEST,
    /// Starts a sync daemon. Needs the complete daemon.
    #[doc(alias = "IPVS_CMD_NEW_DAEMON")]
    NewDaemon = IPVS_CMD_NEW_DAEMON,
    /// Stops a sync daemon. Needs its state. The kernel may not answer if it follows `NewDaemon` at once.
    #[doc(alias = "IPVS_CMD_DEL_DAEMON")]
    DelDaemon = IPVS_CMD_DEL_DAEMON,
    /// Dumps the running sync daemons.
    #[doc(alias = "IPVS_CMD_GET_DAEMON")]
    GetDaemon = IPVS_CMD_GET_DAEMON,
    /// Sets the timeouts that the request contains.
    #[doc(alias = "IPVS_CMD_SET_CONFIG")]
    SetConfig = IPVS_CMD_SET_CONFIG,
    /// Reads the timeouts.
    #[doc(alias = "IPVS_CMD_GET_CONFIG")]
    GetConfig = IPVS_CMD_GET_CONFIG,
    /// The IPVS version and the size of the connection table; only in answers.
    #[doc(alias = "IPVS_CMD_SET_INFO")]
    SetInfo = IPVS_CMD_SET_INFO,
    /// Reads the IPVS version and the size of the connection table.
    #[doc(alias = "IPVS_CMD_GET_INFO")]
    GetInfo = IPVS_CMD_GET_INFO,
    /// Resets the counters of a service and its destinations, or all counters.
    #[doc(alias = "IPVS_CMD_ZERO")]
    Zero = IPVS_CMD_ZERO,
    /// Deletes all services.
    #[doc(alias = "IPVS_CMD_FLUSH")]
    Flush = IPVS_CMD_FLUSH,
}

impl TryFrom<u8> for Command {
    type Error = DecodeError;

    fn try_from(number: u8) -> Result<Self, DecodeError> {
        Ok(match number {
            IPVS_CMD_NEW_SERVICE => Self::NewService,
            IPVS_CMD_SET_SERVICE => Self::SetService,
            IPVS_CMD_DEL_SERVICE => Self::DelService,
            IPVS_CMD_GET_SERVICE => Self::GetService,
            IPVS_CMD_NEW_DEST => Self::NewDest,
            IPVS_CMD_SET_DEST => Self::SetDest,
            IPVS_CMD_DEL_DEST => Self::DelDest,
            IPVS_CMD_GET_DEST => Self::GetDest,
            IPVS_CMD_NEW_DAEMON => Self::NewDaemon,
            IPVS_CMD_DEL_DAEMON => Self::DelDaemon,
            IPVS_CMD_GET_DAEMON => Self::GetDaemon,
            IPVS_CMD_SET_CONFIG => Self::SetConfig,
            IPVS_CMD_GET_CONFIG => Self::GetConfig,
            IPVS_CMD_SET_INFO => Self::SetInfo,
            IPVS_CMD_GET_INFO => Self::GetInfo,
            IPVS_CMD_ZERO => Self::Zero,
            IPVS_CMD_FLUSH => Self::Flush,
            unknown => return Err(format!("IPVS command {unknown} is not known").into()),
        })
    }
}

/// A message of the IPVS family, in either direction.
///
/// The value of an attribute, including a nest, has at most 65531 bytes, because its length field has
/// 16 bits. A [`Conversation`](crate::Conversation) refuses to send a longer one; emitting it panics.
///
/// # Examples
/// ```
/// use ipvs_sys::{CmdAttr, Command, IpvsMessage};
/// use netlink_packet_core::{Emitable, NetlinkMessage};
/// use netlink_packet_generic::GenlMessage;
///
/// let set_timeout = IpvsMessage::new(Command::SetConfig, vec![CmdAttr::TimeoutTcp(900)]);
/// let mut bytes = vec![0; GenlMessage::from_payload(set_timeout.clone()).buffer_len()];
/// GenlMessage::from_payload(set_timeout).emit(&mut bytes);
/// # #[cfg(target_endian = "little")]
/// assert_eq!(bytes, [12, 1, 0, 0, 8, 0, 4, 0, 0x84, 0x03, 0, 0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IpvsMessage {
    /// Any message except the answer to `GetInfo`.
    Config {
        /// The command.
        command: Command,
        /// The top-level attributes.
        attributes: Vec<CmdAttr>,
    },
    /// The answer to `GetInfo`, whose attributes are numbered separately.
    Info(Vec<InfoAttr>),
}

impl IpvsMessage {
    /// A request.
    pub fn new(command: Command, attributes: Vec<CmdAttr>) -> Self {
        Self::Config {
            command,
            attributes,
        }
    }

    /// The length of its longest attribute without the header; those inside count with it.
    pub(crate) fn longest_value(&self) -> usize {
        fn longest(attributes: &[impl Nla]) -> usize {
            let lengths = attributes.iter().map(Nla::value_len);
            lengths.max().unwrap_or_default()
        }
        match self {
            Self::Config { attributes, .. } => longest(attributes),
            Self::Info(attributes) => longest(attributes),
        }
    }
}

impl GenlFamily for IpvsMessage {
    fn family_name() -> &'static str {
        IPVS_GENL_NAME
    }

    fn command(&self) -> u8 {
        match self {
            Self::Config { command, .. } => *command as u8,
            Self::Info(_) => IPVS_CMD_SET_INFO,
        }
    }

    fn version(&self) -> u8 {
        IPVS_GENL_VERSION
    }
}

impl Emitable for IpvsMessage {
    fn buffer_len(&self) -> usize {
        match self {
            Self::Config { attributes, .. } => attributes.as_slice().buffer_len(),
            Self::Info(attributes) => attributes.as_slice().buffer_len(),
        }
    }

    fn emit(&self, buffer: &mut [u8]) {
        match self {
            Self::Config { attributes, .. } => attributes.as_slice().emit(buffer),
            Self::Info(attributes) => attributes.as_slice().emit(buffer),
        }
    }
}

impl ParseableParametrized<[u8], GenlHeader> for IpvsMessage {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(match Command::try_from(header.cmd)? {
            Command::SetInfo => Self::Info(attributes(bytes)?),
            command => Self::Config {
                command,
                attributes: attributes(bytes)?,
            },
        })
    }
}
