//! Clients of other network namespaces than the one that they are opened from.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, saved, web};
use ipvs::{Client, Destination, Error, Forwarding, Namespace, Service, settings};
use ipvs_lab::in_namespace;
use ipvs_lab::netns::Netns;

/// Which namespace the calling thread is in.
fn here() -> PathBuf {
    fs::read_link("/proc/thread-self/ns/net").unwrap()
}

/// A namespace with TCP 192.0.2.10:80, seen from one without.
fn with_web(test: impl FnOnce(&Netns) + Send) {
    in_namespace(|| {
        let director = Netns::new("director");
        director.enter(|| client().add_service(&Service::new(web())).unwrap());
        test(&director);
        assert_eq!(saved(), "", "of the namespace that the test is in");
    });
}

/// The client is of the namespace that has the service, and the thread is where it was.
#[track_caller]
fn assert_opens_the_director(open: impl FnOnce() -> Result<Client, Error>) {
    let before = here();
    let mut ipvs = open().unwrap();
    assert_eq!(here(), before);
    assert_eq!(ipvs.services().unwrap().len(), 1);
    assert_eq!(client().services().unwrap(), []);
    assert_eq!(here(), before);
}

/// A process that stays where it was started; ended with the test.
struct Process(Child);

impl Process {
    fn start() -> Self {
        let child = Command::new("sleep")
            .arg("60")
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_is_opened_in_a_namespace_by_its_name() {
    with_web(|director| {
        assert_opens_the_director(|| Client::open_in(Namespace::named(director.name())?));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_is_opened_in_a_namespace_by_its_path() {
    with_web(|director| {
        assert_opens_the_director(|| Client::open_in(Namespace::at(director.path())?));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_is_opened_in_the_namespace_of_a_process() {
    with_web(|director| {
        let process = director.enter(Process::start);
        assert_opens_the_director(|| Client::open_in(Namespace::of_process(process.0.id())?));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_is_opened_in_a_namespace_by_a_descriptor_of_it() {
    with_web(|director| {
        let opened = fs::File::open(director.path()).unwrap();
        assert_opens_the_director(|| Client::open_in(Namespace::from_fd(opened)));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_stays_in_its_namespace_wherever_it_is_used() {
    with_web(|director| {
        let mut ipvs = director.enter(client);
        let elsewhere = Netns::new("elsewhere");
        elsewhere.enter(|| {
            assert_eq!(ipvs.services().unwrap().len(), 1);
            assert_eq!(client().services().unwrap(), []);
            ipvs.delete_service(web()).unwrap();
        });
        director.enter(|| assert_eq!(saved(), ""));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_held_namespace_outlives_its_name() {
    with_web(|director| {
        let held = Namespace::named(director.name()).unwrap();
        ipvs_lab::process::run("ip", &["netns", "delete", director.name()]);
        assert_opens_the_director(|| Client::open_in(held));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_no_namespace_is_an_error_that_names_it_and_the_thread_stays() {
    in_namespace(|| {
        let before = here();
        let missing = [
            (Namespace::named("nowhere"), "nowhere"),
            (Namespace::named("../director"), "../director"),
            (Namespace::named(""), ""),
            (Namespace::at("/no/where"), "/no/where"),
            (Namespace::of_process(4_000_000), "process 4000000"),
        ];
        for (missing, name) in missing {
            let error = missing.unwrap_err();
            assert!(matches!(error, Error::NamespaceNotFound(_)), "{error:?}");
            let message = format!("no such network namespace: {name}");
            assert_eq!(error.to_string(), message);
        }
        // These can be opened, but not entered.
        for path in ["/proc/self/ns/mnt", "/dev/null"] {
            let error = Client::open_in(Namespace::at(path).unwrap()).unwrap_err();
            assert_eq!(error.to_string(), format!("network namespace {path}"));
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.starts_with("Invalid argument"), "{source}");
        }
        let null = fs::File::open("/dev/null").unwrap();
        let error = Client::open_in(Namespace::from_fd(null)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("network namespace file descriptor "),
            "{message}"
        );
        assert_eq!(here(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn connections_are_those_of_the_clients_namespace() {
    in_namespace(|| {
        let director = Netns::new("director");
        let _talk = director.enter(|| {
            own(&["192.0.2.10/32", "198.51.100.7/32"]);
            echo_at("198.51.100.7:8080");
            let mut ipvs = client();
            let server = Destination::new(endpoint("198.51.100.7:8080"));
            ipvs.add_service(&Service::new(web())).unwrap();
            ipvs.add_destination(web(), &server.forwarding(Forwarding::Masquerade))
                .unwrap();
            talk_to("192.0.2.10:80")
        });
        let before = here();
        let ipvs = Client::open_in(Namespace::named("director").unwrap()).unwrap();
        assert_eq!(ipvs.connections().unwrap().count(), 1);
        assert_eq!(client().connections().unwrap().count(), 0);
        assert_eq!(here(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn files_and_settings_are_those_of_the_clients_namespace() {
    with_web(|_| {
        let director = Client::open_in(Namespace::named("director").unwrap()).unwrap();
        director.set_setting(&settings::CONNTRACK, true).unwrap();
        for (ipvs, services, conntrack) in [(&director, 1, true), (&client(), 0, false)] {
            assert_eq!(ipvs.listing().unwrap().services.len(), services);
            assert_eq!(ipvs.setting(&settings::CONNTRACK).unwrap(), conntrack);
            let told = ("conntrack".to_owned(), u8::from(conntrack).to_string());
            assert!(ipvs.settings().unwrap().contains(&told));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_hundred_clients_leave_no_descriptor_behind() {
    with_web(|director| {
        let descriptors = || fs::read_dir("/proc/self/fd").unwrap().count();
        let before = descriptors();
        for _ in 0..200 {
            let mut ipvs = Client::open_in(Namespace::named(director.name()).unwrap()).unwrap();
            assert_eq!(ipvs.services().unwrap().len(), 1);
            assert_eq!(ipvs.connections().unwrap().count(), 0);
            Client::open_in(Namespace::at("/dev/null").unwrap()).unwrap_err();
        }
        assert_eq!(descriptors(), before);
    });
}
