//! What an errno means where no kernel at hand says it, and what the other errors say. Those that a
//! kernel can be made to say are proved on one: `tests/tests/client/errors.rs`.

mod common;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use common::{Answer, attribute, chain, client, endpoint, refused, server, web, web_service};
use ipvs::{Client, Destination, Encapsulation, Error, Family, Forwarding, Service, ServiceId};
use ipvs_sys::{Command, Errno};

/// What is asked of a client.
type Request = fn(&mut Client) -> Result<(), Error>;

/// Every request that is about one service or destination, of IPv6.
const REQUESTS: [Request; 8] = [
    |ipvs| ipvs.add_service(&Service::new(web6())),
    |ipvs| ipvs.update_service(&Service::new(web6())),
    |ipvs| ipvs.delete_service(web6()),
    |ipvs| ipvs.service(web6()).map(drop),
    |ipvs| ipvs.zero_service(web6()),
    |ipvs| ipvs.add_destination(web6(), &server6()),
    |ipvs| ipvs.update_destination(web6(), &server6()),
    |ipvs| ipvs.delete_destination(web6(), server6().id),
];

fn web6() -> ServiceId {
    ServiceId::tcp(endpoint("[2001:db8::10]:80"))
}

fn server6() -> Destination {
    Destination::new(endpoint("[2001:db8::21]:80"))
}

#[test]
fn a_kernel_without_ipv6_says_so_to_every_request() {
    for request in REQUESTS {
        let error = request(&mut refused(Errno::EAFNOSUPPORT)).unwrap_err();
        assert!(
            matches!(error, Error::FamilyUnsupported(Family::Ipv6)),
            "{error:?}"
        );
        assert_eq!(error.to_string(), "this kernel's IPVS does not do IPv6");
        assert_eq!(error.raw_os_error(), Some(Errno::EAFNOSUPPORT as i32));
    }
}

#[test]
fn the_family_that_is_not_done_is_that_of_the_destination() {
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    let mixed = server6().forwarding(tunnel);
    let error = refused(Errno::EAFNOSUPPORT)
        .add_destination(web(), &mixed)
        .unwrap_err();
    assert!(
        matches!(error, Error::FamilyUnsupported(Family::Ipv6)),
        "{error:?}"
    );
}

#[test]
fn an_errno_without_a_meaning_of_its_own_is_passed_on() {
    let everything: [Request; 6] = [
        |ipvs| ipvs.info().map(drop),
        |ipvs| ipvs.timeouts().map(drop),
        |ipvs| ipvs.services().map(drop),
        |ipvs| ipvs.destinations(web()).map(drop),
        Client::zero,
        Client::flush,
    ];
    for request in REQUESTS.into_iter().chain(everything) {
        let error = request(&mut refused(Errno::ENOMEM)).unwrap_err();
        assert!(matches!(error, Error::Kernel(_)), "{error:?}");
        let message = "the kernel refused the request: Out of memory";
        assert_eq!(error.to_string(), message);
        assert_eq!(error.raw_os_error(), Some(Errno::ENOMEM as i32));
        assert!(!error.is_not_found() && !error.is_already_exists());
    }
}

#[test]
fn an_errno_means_nothing_where_it_was_not_asked_for() {
    // Adding cannot find anything missing, deleting cannot find anything there.
    let error = refused(Errno::EEXIST).delete_service(web()).unwrap_err();
    assert!(matches!(error, Error::Kernel(_)), "{error:?}");
    let error = refused(Errno::ENOENT).flush().unwrap_err();
    assert!(matches!(error, Error::Kernel(_)), "{error:?}");
}

#[test]
fn what_is_about_files_says_which() {
    let path = PathBuf::from("/proc/net/ip_vs_conn");
    let source = io::Error::from(io::ErrorKind::PermissionDenied);
    let unreadable = Error::File {
        path: path.clone(),
        source,
    };
    let message = "cannot use /proc/net/ip_vs_conn: permission denied";
    assert_eq!(chain(&unreadable), message);
    let text = "TCP nonsense".to_owned();
    let error = Error::FileText { path, text };
    let message = "/proc/net/ip_vs_conn: cannot understand \"TCP nonsense\"";
    assert_eq!(error.to_string(), message);
    assert_eq!(unreadable.raw_os_error(), None);
    assert_eq!(error.raw_os_error(), None);
}

#[test]
fn a_table_that_is_never_twice_the_same_is_given_up() {
    let port = AtomicU16::new(1);
    let (mut ipvs, _) = client(
        move |request| match Command::try_from(request[0]).unwrap() {
            Command::GetService => {
                let service = [
                    attribute(1, &[2, 0]),
                    attribute(2, &[6, 0]),
                    attribute(3, &[10; 16]),
                    attribute(4, &port.fetch_add(1, Ordering::Relaxed).to_be_bytes()),
                    attribute(6, b"rr\0"),
                    attribute(7, &[0; 8]),
                    attribute(12, &[]),
                ];
                Answer::Messages(vec![
                    [&[1, 1, 0, 0], &attribute(1, &service.concat())[..]].concat(),
                ])
            }
            Command::GetConfig => Answer::Messages(vec![vec![12, 1, 0, 0]]),
            _ => Answer::Done,
        },
    );
    let error = ipvs.table().unwrap_err();
    assert!(matches!(error, Error::TableKeptChanging), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the table kept changing while it was read"
    );
}

#[test]
fn repeated_entries_of_a_dump_are_dropped() {
    let (service, destination) = (web_service(), server());
    let mut echo = common::echo::echoing();
    echo.add_service(&service).unwrap();
    echo.add_destination(web(), &destination).unwrap();

    // What `echo` would answer, twice.
    let (mut recorder, sent) = common::obeyed();
    recorder.add_service(&service).unwrap();
    let mut answer = sent.one();
    // With counters inside the nest.
    let counters = attribute(12, &[]);
    let length = u16::try_from(answer.len() - 4 + counters.len()).unwrap();
    answer[4..6].copy_from_slice(&length.to_ne_bytes());
    answer.extend(counters);
    let (mut ipvs, _) = client(move |_| Answer::Messages(vec![answer.clone(), answer.clone()]));
    let found = ipvs.services().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0], echo.service(web()).unwrap());
}
