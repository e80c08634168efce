use std::net::IpAddr;

use clap::{Args, Subcommand};
use lbnet::{DeviceName, IpPrefix};

use super::Deferred;
use super::value::address;

#[derive(Debug, Subcommand)]
pub(crate) enum DirectorCommand {
    /// Take the virtual address and tell the neighbours; a second time changes nothing
    #[command(after_help = "Add the services first: from then on clients find this host.")]
    Up(Deferred<DirectorSetUp>),
    /// Undo what `up` changed, and nothing else
    Down(Deferred<DirectorSetUp>),
}

#[derive(Args, Debug)]
pub(crate) struct DirectorSetUp {
    /// The virtual address with its prefix: 10.10.10.100/24; without one, the address alone (/32)
    #[arg(long, value_name = "ADDRESS[/PREFIX]")]
    pub(crate) vip: IpPrefix,
    /// The device on the clients' side
    #[arg(long)]
    pub(crate) device: DeviceName,
    /// A label for the address, such as eth0:0
    #[arg(long)]
    pub(crate) label: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RealServerCommand {
    /// Take the virtual address without answering ARP for it; a second time changes nothing
    Up(Deferred<RealServerSetUp>),
    /// Undo what `up` changed, and nothing else
    Down(Deferred<RealServerSetUp>),
}

#[derive(Args, Debug)]
pub(crate) struct RealServerSetUp {
    /// The virtual address: 10.10.10.100
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) vip: IpAddr,
    /// The device on the clients' side
    #[arg(long)]
    pub(crate) device: DeviceName,
}
