//! The numbers of `linux/ip_vs.h`, under the kernel's own names.
//!
//! Search for a kernel name here, then follow the link to the Rust type. The kernel has added none
//! since Linux 5.3.

/// The family's name.
pub const IPVS_GENL_NAME: &str = "IPVS";
/// The family's version. The kernel does not check it in requests.
pub const IPVS_GENL_VERSION: u8 = 1;

// Commands: [`Command`](crate::Command).

/// Adds a service; also the command of an answer that describes one.
pub const IPVS_CMD_NEW_SERVICE: u8 = 1;
/// Replaces the configuration of a service.
pub const IPVS_CMD_SET_SERVICE: u8 = 2;
/// Deletes a service and its destinations.
pub const IPVS_CMD_DEL_SERVICE: u8 = 3;
/// Reads one service, or dumps all of them.
pub const IPVS_CMD_GET_SERVICE: u8 = 4;
/// Adds a destination; also the command of an answer that describes one.
pub const IPVS_CMD_NEW_DEST: u8 = 5;
/// Replaces the configuration of a destination.
pub const IPVS_CMD_SET_DEST: u8 = 6;
/// Deletes a destination.
pub const IPVS_CMD_DEL_DEST: u8 = 7;
/// Dumps the destinations of a service.
pub const IPVS_CMD_GET_DEST: u8 = 8;
/// Starts a sync daemon; also the command of an answer that describes one.
pub const IPVS_CMD_NEW_DAEMON: u8 = 9;
/// Stops a sync daemon.
pub const IPVS_CMD_DEL_DAEMON: u8 = 10;
/// Dumps the running sync daemons.
pub const IPVS_CMD_GET_DAEMON: u8 = 11;
/// Sets timeouts; also the command of the answer that contains them.
pub const IPVS_CMD_SET_CONFIG: u8 = 12;
/// Reads the timeouts.
pub const IPVS_CMD_GET_CONFIG: u8 = 13;
/// The IPVS version and the size of the connection table; only in answers.
pub const IPVS_CMD_SET_INFO: u8 = 14;
/// Reads the IPVS version and the size of the connection table.
pub const IPVS_CMD_GET_INFO: u8 = 15;
/// Resets the counters of one service, or of all services.
pub const IPVS_CMD_ZERO: u8 = 16;
/// Deletes all services.
pub const IPVS_CMD_FLUSH: u8 = 17;

// Top level: [`CmdAttr`](crate::CmdAttr).

/// Nest of `IPVS_SVC_ATTR_*`.
pub const IPVS_CMD_ATTR_SERVICE: u16 = 1;
/// Nest of `IPVS_DEST_ATTR_*`.
pub const IPVS_CMD_ATTR_DEST: u16 = 2;
/// Nest of `IPVS_DAEMON_ATTR_*`.
pub const IPVS_CMD_ATTR_DAEMON: u16 = 3;
/// Timeout of idle TCP connections, in seconds.
pub const IPVS_CMD_ATTR_TIMEOUT_TCP: u16 = 4;
/// Timeout of TCP connections after a FIN, in seconds.
pub const IPVS_CMD_ATTR_TIMEOUT_TCP_FIN: u16 = 5;
/// Timeout of idle UDP flows, in seconds.
pub const IPVS_CMD_ATTR_TIMEOUT_UDP: u16 = 6;

// Services: [`SvcAttr`](crate::SvcAttr).

/// Address family.
pub const IPVS_SVC_ATTR_AF: u16 = 1;
/// IP protocol.
pub const IPVS_SVC_ATTR_PROTOCOL: u16 = 2;
/// Virtual address.
pub const IPVS_SVC_ATTR_ADDR: u16 = 3;
/// Virtual port, in network byte order.
pub const IPVS_SVC_ATTR_PORT: u16 = 4;
/// Firewall mark, in place of protocol, address and port.
pub const IPVS_SVC_ATTR_FWMARK: u16 = 5;
/// Scheduler.
pub const IPVS_SVC_ATTR_SCHED_NAME: u16 = 6;
/// Flags, with a mask of those to change.
pub const IPVS_SVC_ATTR_FLAGS: u16 = 7;
/// Persistence timeout, in seconds.
pub const IPVS_SVC_ATTR_TIMEOUT: u16 = 8;
/// Persistence granularity.
pub const IPVS_SVC_ATTR_NETMASK: u16 = 9;
/// Statistics, 32 bits.
pub const IPVS_SVC_ATTR_STATS: u16 = 10;
/// Persistence engine, since 2.6.37.
pub const IPVS_SVC_ATTR_PE_NAME: u16 = 11;
/// Statistics, 64 bits, since 4.1.
pub const IPVS_SVC_ATTR_STATS64: u16 = 12;

// Destinations: [`DestAttr`](crate::DestAttr).

/// Address of the real server.
pub const IPVS_DEST_ATTR_ADDR: u16 = 1;
/// Port of the real server, in network byte order.
pub const IPVS_DEST_ATTR_PORT: u16 = 2;
/// Forwarding method.
pub const IPVS_DEST_ATTR_FWD_METHOD: u16 = 3;
/// Weight. A destination with weight 0 gets no new connections.
pub const IPVS_DEST_ATTR_WEIGHT: u16 = 4;
/// Upper threshold of connections.
pub const IPVS_DEST_ATTR_U_THRESH: u16 = 5;
/// Lower threshold of connections.
pub const IPVS_DEST_ATTR_L_THRESH: u16 = 6;
/// Active connections.
pub const IPVS_DEST_ATTR_ACTIVE_CONNS: u16 = 7;
/// Inactive connections.
pub const IPVS_DEST_ATTR_INACT_CONNS: u16 = 8;
/// Persistence templates.
pub const IPVS_DEST_ATTR_PERSIST_CONNS: u16 = 9;
/// Statistics, 32 bits.
pub const IPVS_DEST_ATTR_STATS: u16 = 10;
/// Address family, since 3.18.
pub const IPVS_DEST_ATTR_ADDR_FAMILY: u16 = 11;
/// Statistics, 64 bits, since 4.1.
pub const IPVS_DEST_ATTR_STATS64: u16 = 12;
/// Tunnel type, since 5.2.
pub const IPVS_DEST_ATTR_TUN_TYPE: u16 = 13;
/// UDP port of a GUE tunnel, in network byte order, since 5.2.
pub const IPVS_DEST_ATTR_TUN_PORT: u16 = 14;
/// Checksum flags of the tunnel, since 5.3.
pub const IPVS_DEST_ATTR_TUN_FLAGS: u16 = 15;

// Sync daemons: [`DaemonAttr`](crate::DaemonAttr).

/// Role.
pub const IPVS_DAEMON_ATTR_STATE: u16 = 1;
/// Interface.
pub const IPVS_DAEMON_ATTR_MCAST_IFN: u16 = 2;
/// Sync id.
pub const IPVS_DAEMON_ATTR_SYNC_ID: u16 = 3;
/// Maximum length of a sync message, in bytes, since 4.3.
pub const IPVS_DAEMON_ATTR_SYNC_MAXLEN: u16 = 4;
/// IPv4 multicast group, since 4.3.
pub const IPVS_DAEMON_ATTR_MCAST_GROUP: u16 = 5;
/// IPv6 multicast group, since 4.3.
pub const IPVS_DAEMON_ATTR_MCAST_GROUP6: u16 = 6;
/// UDP port, in host byte order, since 4.3.
pub const IPVS_DAEMON_ATTR_MCAST_PORT: u16 = 7;
/// Time to live, since 4.3.
pub const IPVS_DAEMON_ATTR_MCAST_TTL: u16 = 8;

// Statistics: [`StatsAttr`](crate::StatsAttr) and [`Stats64Attr`](crate::Stats64Attr).

/// Connections scheduled.
pub const IPVS_STATS_ATTR_CONNS: u16 = 1;
/// Packets from clients.
pub const IPVS_STATS_ATTR_INPKTS: u16 = 2;
/// Packets to clients.
pub const IPVS_STATS_ATTR_OUTPKTS: u16 = 3;
/// Bytes from clients.
pub const IPVS_STATS_ATTR_INBYTES: u16 = 4;
/// Bytes to clients.
pub const IPVS_STATS_ATTR_OUTBYTES: u16 = 5;
/// Connections per second.
pub const IPVS_STATS_ATTR_CPS: u16 = 6;
/// Packets per second from clients.
pub const IPVS_STATS_ATTR_INPPS: u16 = 7;
/// Packets per second to clients.
pub const IPVS_STATS_ATTR_OUTPPS: u16 = 8;
/// Bytes per second from clients.
pub const IPVS_STATS_ATTR_INBPS: u16 = 9;
/// Bytes per second to clients.
pub const IPVS_STATS_ATTR_OUTBPS: u16 = 10;
/// Padding before 64-bit values on some architectures, since 4.7.
pub const IPVS_STATS_ATTR_PAD: u16 = 11;

// Info: [`InfoAttr`](crate::InfoAttr).

/// Version, 0x00MMmmpp.
pub const IPVS_INFO_ATTR_VERSION: u16 = 1;
/// Size of the connection table, in buckets.
pub const IPVS_INFO_ATTR_CONN_TAB_SIZE: u16 = 2;

// Flags of a service: [`ServiceFlags`](crate::ServiceFlags).

/// Persistent service: a client stays with its destination.
pub const IP_VS_SVC_F_PERSISTENT: u32 = 0x0001;
/// Set by the kernel in every answer; ignored in requests.
pub const IP_VS_SVC_F_HASHED: u32 = 0x0002;
/// One-packet scheduling: the kernel schedules every UDP packet independently, since 2.6.36.
pub const IP_VS_SVC_F_ONEPACKET: u32 = 0x0004;
/// First flag of the scheduler, since 3.11.
pub const IP_VS_SVC_F_SCHED1: u32 = 0x0008;
/// Second flag of the scheduler, since 3.11.
pub const IP_VS_SVC_F_SCHED2: u32 = 0x0010;
/// Third flag of the scheduler, since 3.11.
pub const IP_VS_SVC_F_SCHED3: u32 = 0x0020;

// Forwarding methods.

/// The bits of the forwarding method that the kernel uses.
pub const IP_VS_CONN_F_FWD_MASK: u32 = 0x0007;
/// Masquerading (NAT).
pub const IP_VS_CONN_F_MASQ: u32 = 0x0000;
/// Delivery to the director itself.
pub const IP_VS_CONN_F_LOCALNODE: u32 = 0x0001;
/// Tunnelling.
pub const IP_VS_CONN_F_TUNNEL: u32 = 0x0002;
/// Direct routing.
pub const IP_VS_CONN_F_DROUTE: u32 = 0x0003;
/// Bypass: delivery to the packet's original destination.
pub const IP_VS_CONN_F_BYPASS: u32 = 0x0004;

// Encapsulations.

/// IP in IP.
pub const IP_VS_CONN_F_TUNNEL_TYPE_IPIP: u8 = 0;
/// Generic UDP encapsulation, since 5.2.
pub const IP_VS_CONN_F_TUNNEL_TYPE_GUE: u8 = 1;
/// Generic routing encapsulation, since 5.3.
pub const IP_VS_CONN_F_TUNNEL_TYPE_GRE: u8 = 2;

// Checksums of an encapsulation.

/// None.
pub const IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM: u16 = 0;
/// A checksum in the outer header.
pub const IP_VS_TUNNEL_ENCAP_FLAG_CSUM: u16 = 1 << 0;
/// GUE's remote checksum offload.
pub const IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM: u16 = 1 << 1;

// Roles of a sync daemon.

/// Master: sends connection state.
pub const IP_VS_STATE_MASTER: u32 = 0x0001;
/// Backup: receives connection state.
pub const IP_VS_STATE_BACKUP: u32 = 0x0002;
