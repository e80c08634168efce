//! A runtime for programs that have none.

use crate::Error;

/// Waits for asynchronous work on a runtime of its own, on this thread.
///
/// For programs that are not asynchronous themselves: it knows which of tokio's drivers the work
/// needs. Put all that a program does with this crate into one call; a [`Host`](crate::Host) does
/// not outlive the runtime that it was opened in.
///
/// # Errors
/// [`Error::Kernel`] if the runtime cannot be started, for want of file descriptors.
///
/// # Panics
/// If called from within a runtime.
///
/// # Examples
/// ```no_run
/// use lbnet::{Host, Netns, RealServer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// lbnet::block_on(async {
///     let host = Host::open(Netns::current()?)?;
///     let server = RealServer::new("192.0.2.100".parse()?, "eth0".parse()?);
///     print!("{}", server.up(&host).await?);
///     Ok(())
/// })?
/// # }
/// ```
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|source| {
        let action = "starting a runtime".to_owned();
        Error::Kernel { action, source }
    })?;
    Ok(runtime.block_on(work))
}
