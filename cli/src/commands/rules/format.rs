use clap::ValueEnum;

/// A format of saved rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The file format of ipvs-rs, complete
    Toml,
    /// The library's JSON, complete
    Json,
    /// The lines of `ipvsadm -Sn`, with thresholds; without timeouts and sync daemons
    Ipvsadm,
}
