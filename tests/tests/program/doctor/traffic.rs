//! Clients and servers of a site.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use ipvs_lab::netns::Netns;

/// Tells every client a name, on a port of all addresses, until the test program ends.
pub(super) fn serve(host: &Netns, name: &'static str, port: u16) {
    let listener = host.enter(|| TcpListener::bind(("0.0.0.0", port)).unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that went away is none of the server's business.
            let _ = stream.and_then(|mut stream| stream.write_all(name.as_bytes()));
        }
    });
}

/// Who answered each of some connections; nobody if it was refused, broken or not answered.
pub(super) fn ask(client: &Netns, address: &str, times: usize) -> Vec<Option<String>> {
    let address: SocketAddr = address.parse().unwrap();
    client.enter(|| (0..times).map(|_| ask_once(address)).collect())
}

/// How many of some connections were answered.
pub(super) fn served(client: &Netns, address: &str, times: usize) -> usize {
    let answers = ask(client, address, times);
    answers.iter().flatten().count()
}

fn ask_once(address: SocketAddr) -> Option<String> {
    let patience = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}
