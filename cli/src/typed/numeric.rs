use clap::Args;

/// Numbers are all there is: for fingers that type `-n` anyway.
#[derive(Args, Debug)]
pub(crate) struct Numeric {
    /// Print numbers
    #[arg(short, long, hide = true)]
    numeric: bool,
}
