//! Descriptors and threads that others leave behind.

use std::fs;
use std::process::{Child, Command};

use ipvs::{Client, Namespace, Service};
use ipvs_lab::in_namespace;
use ipvs_lab::netns::Netns;
use ipvs_lab::process;

use crate::common::traffic::eventually;
use crate::common::{client, web};

/// How many descriptors and threads this process has.
fn held() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// A way to open a client.
type Open<'a> = &'a dyn Fn() -> Result<Client, ipvs::Error>;

/// A process that is killed with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sleeper() -> Process {
    Process(Command::new("sleep").arg("600").spawn().unwrap())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn opening_ten_thousand_clients_in_namespaces_loses_no_descriptor() {
    in_namespace(|| {
        let director = Netns::new("director");
        let process = director.enter(|| {
            client().add_service(&Service::new(web())).unwrap();
            sleeper()
        });
        let (name, path, pid) = (director.name(), director.path(), process.0.id());
        let named = || Client::open_in(Namespace::named(name)?);
        let at = || Client::open_in(Namespace::at(&path)?);
        let of_process = || Client::open_in(Namespace::of_process(pid)?);
        let current = || Client::open_in(Namespace::current()?);
        let opens: [(Open<'_>, usize); 4] =
            [(&named, 1), (&at, 1), (&of_process, 1), (&current, 0)];
        // These are opened and cannot be entered, or cannot be opened.
        let nothing = || Client::open_in(Namespace::at("/dev/null")?);
        let other_kind = || Client::open_in(Namespace::at("/proc/self/ns/mnt")?);
        let missing = || Client::open_in(Namespace::named("nowhere")?);
        let no_process = || Client::open_in(Namespace::of_process(4_000_000)?);
        let failures: [Open<'_>; 4] = [&nothing, &other_kind, &missing, &no_process];

        let before = held();
        for number in 0..2500 {
            for (open, services) in opens {
                let mut ipvs = open().unwrap();
                // A few are used; what matters is what all leave behind.
                if number % 50 == 0 {
                    assert_eq!(ipvs.services().unwrap().len(), services);
                    assert_eq!(ipvs.connections().unwrap().count(), 0);
                    ipvs.totals().unwrap();
                }
            }
            if number % 5 == 0 {
                for open in failures {
                    open().unwrap_err();
                }
            }
        }
        // A thread that was waited for may be seen for a moment more.
        assert_eq!(eventually(held, |now| *now == before), before);
    });
}

/// Room for 256 descriptors in this process, until this is dropped.
struct FewDescriptors {
    before: String,
}

impl FewDescriptors {
    fn new() -> Self {
        let columns = ["--noheadings", "--raw", "--output", "SOFT"];
        let before = prlimit(&[&["--nofile"], &columns[..]].concat());
        prlimit(&["--nofile=256:"]);
        Self {
            before: before.trim().to_owned(),
        }
    }
}

impl Drop for FewDescriptors {
    fn drop(&mut self) {
        prlimit(&[&format!("--nofile={}:", self.before)]);
    }
}

fn prlimit(arguments: &[&str]) -> String {
    let this = std::process::id().to_string();
    process::run("prlimit", &[&["--pid", &this], arguments].concat())
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_no_descriptor_is_left_that_is_said_and_none_is_lost() {
    in_namespace(|| {
        let director = Netns::new("director");
        let before = held();
        let few = FewDescriptors::new();
        let mut clients = Vec::new();
        let error = (0..256).find_map(|_| {
            let opened = Namespace::named(director.name()).and_then(Client::open_in);
            opened.map(|client| clients.push(client)).err()
        });
        let said = chain(&error.unwrap());
        assert!(said.contains("Too many open files"), "{said}");
        // Those that are open work on.
        assert_eq!(clients[0].services().unwrap(), []);
        drop(clients);
        drop(few);
        assert_eq!(eventually(held, |now| *now == before), before);
    });
}
