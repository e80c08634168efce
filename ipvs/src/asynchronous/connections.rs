use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::Client;
use crate::{Connection, Error};

/// Number of connections per read.
const TOGETHER: usize = 256;

type Read = Result<Connection, Error>;

impl Client {
    /// Like [`Client::connections`](crate::Client::connections). Other requests need not wait until all
    /// connections are read.
    pub async fn connections(&self) -> Result<Connections, Error> {
        self.with(|client| client.connections())
            .await
            .map(Connections::of)
    }

    /// Like [`Client::connections_with_origin`](crate::Client::connections_with_origin).
    pub async fn connections_with_origin(&self) -> Result<Connections, Error> {
        self.with(|client| client.connections_with_origin())
            .await
            .map(Connections::of)
    }
}

/// The connections of [`Client::connections`], read on demand, some hundred at a time. It is a
/// [`Stream`].
///
/// # Examples
/// ```no_run
/// # async fn example(ipvs: ipvs::asynchronous::Client) -> Result<(), ipvs::Error> {
/// let mut connections = ipvs.connections().await?;
/// while let Some(connection) = connections.next().await {
///     println!("{}", connection?.client);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connections {
    read: std::vec::IntoIter<Read>,
    rest: Rest,
}

/// The unread rest.
#[derive(Debug)]
enum Rest {
    Here(crate::Connections),
    /// A read on a thread of the runtime. If a future is dropped, the next call waits for the same read.
    BeingRead(JoinHandle<(Vec<Read>, crate::Connections)>),
    Nothing,
}

impl Connections {
    fn of(connections: crate::Connections) -> Self {
        Self {
            read: Vec::new().into_iter(),
            rest: Rest::Here(connections),
        }
    }

    /// Returns the next connection, or `None` after the last. Dropping the future loses no connection.
    pub async fn next(&mut self) -> Option<Result<Connection, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Read>> {
        loop {
            if let Some(connection) = self.read.next() {
                return Poll::Ready(Some(connection));
            }
            match mem::replace(&mut self.rest, Rest::Nothing) {
                Rest::Nothing => return Poll::Ready(None),
                Rest::Here(rest) => self.rest = Rest::BeingRead(spawn_blocking(|| some(rest))),
                Rest::BeingRead(mut reading) => match Pin::new(&mut reading).poll(context) {
                    Poll::Pending => {
                        self.rest = Rest::BeingRead(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((read, _))) if read.is_empty() => {}
                    Poll::Ready(Ok((read, rest))) => {
                        self.read = read.into_iter();
                        self.rest = Rest::Here(rest);
                    }
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Some(Err(super::stopped(error))));
                    }
                },
            }
        }
    }
}

/// Like [`next`](Connections::next), for code that takes streams.
impl Stream for Connections {
    type Item = Result<Connection, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

fn some(mut connections: crate::Connections) -> (Vec<Read>, crate::Connections) {
    let read = connections.by_ref().take(TOGETHER).collect();
    (read, connections)
}
