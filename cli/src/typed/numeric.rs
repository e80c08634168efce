use clap::Args;

/// Accepts `-n`, which ipvsadm's users are used to. Output is always numeric.
#[derive(Args, Debug)]
pub(crate) struct Numeric {
    /// Print numbers
    #[arg(short, long, hide = true)]
    numeric: bool,
}
