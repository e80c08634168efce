use ::tokio::sync::mpsc::{Receiver, Sender, channel};
use ::tokio::task::spawn_blocking;

use super::Client;
use crate::{Connection, Error};

/// How many connections are read ahead.
const AHEAD: usize = 256;

impl Client {
    /// As [`Client::connections`](crate::Client::connections). They are read on a thread of their
    /// own, a little ahead; other requests need not wait for them.
    pub async fn connections(&self) -> Result<Connections, Error> {
        self.with(|client| client.connections())
            .await
            .map(Connections::of)
    }

    /// As [`Client::connections_with_origin`](crate::Client::connections_with_origin).
    pub async fn connections_with_origin(&self) -> Result<Connections, Error> {
        self.with(|client| client.connections_with_origin())
            .await
            .map(Connections::of)
    }
}

/// The connections of [`Client::connections`], one by one. Dropping it ends the reading.
///
/// # Examples
/// ```no_run
/// # async fn example(ipvs: ipvs::tokio::Client) -> Result<(), ipvs::Error> {
/// let mut connections = ipvs.connections().await?;
/// while let Some(connection) = connections.next().await {
///     println!("{}", connection?.client);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connections(Receiver<Result<Connection, Error>>);

impl Connections {
    fn of(connections: crate::Connections) -> Self {
        let (sender, receiver) = channel(AHEAD);
        spawn_blocking(move || pass_on(connections, &sender));
        Self(receiver)
    }

    /// The next; `None` after the last. A future that is dropped takes none along.
    pub async fn next(&mut self) -> Option<Result<Connection, Error>> {
        self.0.recv().await
    }
}

/// Until the last, or until nobody wants more.
fn pass_on(connections: crate::Connections, sender: &Sender<Result<Connection, Error>>) {
    for connection in connections {
        if sender.blocking_send(connection).is_err() {
            return;
        }
    }
}
