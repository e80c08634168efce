//! The same conversation for programs on tokio. Feature `tokio`.
//!
//! [`Client`] has the methods of [`ipvs::Client`](crate::Client), `async`, and each does and refuses
//! what that one does. Clones are the same client; they can be used from any number of tasks.
//!
//! The kernel works on a request inside the call that sends it: it may load a module meanwhile, or
//! wait for another CPU, and an answer is there when the call returns. A socket that is asynchronous
//! would never wait for anything, and hold up the runtime's thread for all of that time. So requests
//! run on the runtime's threads for blocking work, one after the other in the order in which they were
//! asked for.
//!
//! # Cancelling
//! A future can be dropped at any time. A request whose turn had not come is not made. One that was
//! begun is carried out to its end, a whole [`apply`](Client::apply) with its undoing too, and its
//! answer goes to nobody: the next request waits for that, and cannot see it.
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
//! In a test, on the kernel in memory (feature `testing`):
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

/// A conversation with the kernel's IPVS, for tasks: [the module](self) says how it works.
#[derive(Clone, Debug)]
pub struct Client(Arc<Mutex<crate::Client>>);

impl Client {
    /// As [`Client::open`](crate::Client::open), in the network namespace of a thread of the
    /// runtime's: that of the process, unless the program put its threads into others.
    pub async fn open() -> Result<Self, Error> {
        Self::begin(crate::Client::open).await
    }

    /// As [`Client::open_in`](crate::Client::open_in).
    pub async fn open_in(namespace: Namespace) -> Result<Self, Error> {
        Self::begin(|| crate::Client::open_in(namespace)).await
    }

    async fn begin(
        open: impl FnOnce() -> Result<crate::Client, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        blocking(open).await.map(Self::from)
    }

    /// Does anything with the blocking client, as one request: several calls between which nobody
    /// else's come.
    ///
    /// # Errors
    /// Those of `request`; [`Error::Kernel`] where the runtime is stopping, and it was not made.
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
        // The lock goes to the thread and stays there until the request is done: whoever asked may
        // have gone meanwhile, and the next one still waits. It is given in the order of asking.
        let mut client = Arc::clone(&self.0).lock_owned().await;
        blocking(move || request(&mut client)).await
    }
}

impl From<crate::Client> for Client {
    fn from(client: crate::Client) -> Self {
        Self(Arc::new(Mutex::new(client)))
    }
}

/// Does something where it may block. A panic goes on in whoever waits.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(stopped(error)))
}

/// Why something was not done to its end where it may block.
fn stopped(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(stopping) => Error::Kernel(ipvs_sys::Error::Socket {
            call: "spawn_blocking",
            source: io::Error::other(stopping),
        }),
    }
}
