//! A runtime for programs that have none.

use crate::Error;

/// Runs asynchronous work to completion on the current thread, with a runtime of its own.
///
/// This is for programs that are not asynchronous themselves. It enables the tokio drivers that
/// this crate needs. Put all work with this crate into one call, because a [`Host`](crate::Host)
/// cannot outlive the runtime in which it was opened.
///
/// # Errors
/// - [`Error::Kernel`]: the runtime cannot start, because the process has no file descriptors left.
///
/// # Panics
/// Panics if called within a runtime.
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
