//! The client for tasks on tokio. Feature `tokio`.
//!
//! [`Client`] has the methods of [`ipvs::Client`](crate::Client) as `async` methods with the same
//! behaviour. Clones share one client, and any number of tasks can use them.
//!
//! The kernel works on a request during the system call that sends it. It may load a module or wait for
//! other CPUs meanwhile, and the answer is available when the call returns. An asynchronous socket would
//! therefore never wait, but block the runtime's thread during the call. Requests run on the runtime's
//! threads for blocking work instead, one after the other, in the order in which they were made.
//!
//! # Cancelling
//! A future can be dropped at any time. A request that has not started is not made. One that has started
//! runs to its end, even a whole [`apply`](Client::apply) with its undoing, and its answer is discarded.
//! The next request waits for that and does not receive the answer.
//!
//! # Examples
//! ```no_run
//! use ipvs::asynchronous::Client;
//! use ipvs::{Endpoint, Service};
//!
//! # async fn example() -> Result<(), ipvs::Error> {
//! let ipvs = Client::open().await?;
//! let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
//! ipvs.ensure_service(&web).await?;
//! for status in ipvs.services().await? {
//!     println!("{}: {} connections", status.service.id, status.stats.connections);
//! }
//! # Ok(())
//! # }
//! ```
//! In a test, with the fake kernel (feature `testing`):
//! ```
//! # #[cfg(feature = "testing")]
//! # {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let kernel = ipvs::testing::FakeKernel::new();
//! let ipvs = ipvs::asynchronous::Client::from(kernel.client()?);
//! assert_eq!(ipvs.services().await?, []);
//! # Ok::<(), ipvs::Error>(())
//! # })?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod connections;
mod files;
mod requests;
mod waiting;

use std::io;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};

pub use connections::Connections;

use crate::{Error, Namespace};

/// An IPVS client for tasks. [The module](self) describes how it works.
#[derive(Clone, Debug)]
pub struct Client(Arc<Mutex<crate::Client>>);

impl Client {
    /// Like [`Client::open`](crate::Client::open), in the network namespace of a thread of the runtime. That
    /// is the namespace of the process, unless the program moved its threads.
    pub async fn open() -> Result<Self, Error> {
        Self::begin(crate::Client::open).await
    }

    /// Like [`Client::open_in`](crate::Client::open_in).
    pub async fn open_in(namespace: Namespace) -> Result<Self, Error> {
        Self::begin(|| crate::Client::open_in(namespace)).await
    }

    async fn begin(
        open: impl FnOnce() -> Result<crate::Client, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        blocking(open).await.map(Self::from)
    }

    /// Runs a function with the blocking client as one request: no other request comes between its calls.
    ///
    /// # Errors
    /// Those of `request`, and [`Error::Kernel`] if the runtime is shutting down and the request was not
    /// made.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(ipvs: ipvs::asynchronous::Client, web: ipvs::ServiceId) -> Result<(), ipvs::Error> {
    /// let (service, destinations) = ipvs
    ///     .with(move |ipvs| Ok((ipvs.service(web)?, ipvs.destinations(web)?)))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn with<T: Send + 'static>(
        &self,
        request: impl FnOnce(&mut crate::Client) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        // The lock moves to the thread and stays there until the request is done, so that the next request
        // waits even if this future is dropped. The lock is granted in the order of requests.
        let mut client = Arc::clone(&self.0).lock_owned().await;
        blocking(move || request(&mut client)).await
    }
}

impl From<crate::Client> for Client {
    fn from(client: crate::Client) -> Self {
        Self(Arc::new(Mutex::new(client)))
    }
}

/// Runs a function on a thread where it may block. A panic continues in the waiting task.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(stopped(error)))
}

/// Why a function did not run to its end.
fn stopped(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(stopping) => Error::Kernel(ipvs_sys::Error::Socket {
            call: "spawn_blocking",
            source: io::Error::other(stopping),
        }),
    }
}
