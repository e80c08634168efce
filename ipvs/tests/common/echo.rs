//! A kernel that answers with the service and the destination that it was last given.

use ipvs::Client;
use ipvs_sys::Command;

use super::{Answer, attribute, attributes, client, joined};

const SERVICE: u16 = 1;
const DEST: u16 = 2;
const STATS64: u16 = 12;

/// Its client.
pub(crate) fn echoing() -> Client {
    let (mut service, mut destination) = (Vec::new(), Vec::new());
    client(move |request| {
        let nest = |wanted| {
            let nests = attributes(&request[4..]).into_iter();
            nests
                .filter(|(kind, _)| *kind == wanted)
                .map(|(_, value)| value)
                .next()
                .unwrap()
        };
        let command = Command::try_from(request[0]).unwrap();
        match command {
            Command::NewService | Command::SetService => {
                service = nest(SERVICE);
                Answer::Done
            }
            Command::NewDest | Command::SetDest => {
                destination = nest(DEST);
                Answer::Done
            }
            Command::GetService => {
                Answer::Messages(vec![told(Command::NewService, SERVICE, &service, &[])])
            }
            // Connections: active, inactive, persistent.
            Command::GetDest => {
                Answer::Messages(vec![told(Command::NewDest, DEST, &destination, &[7, 8, 9])])
            }
            other => panic!("{other:?}"),
        }
    })
    .0
}

/// What was written, and what only the kernel knows.
fn told(command: Command, nest: u16, written: &[u8], numbers: &[u16]) -> Vec<u8> {
    let numbers: Vec<_> = numbers.iter().map(|kind| (*kind, vec![0; 4])).collect();
    let nested = [written, &joined(&numbers), &attribute(STATS64, &[])].concat();
    [&[command as u8, 1, 0, 0], &attribute(nest, &nested)[..]].concat()
}
