//! The meaning of every errno as the answer to every request: the whole table, those rows too that no
//! kernel at hand can be made to say. That kernels say the others is proved on one:
//! `tests/tests/client/errors.rs`.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{endpoint, refused, server, web, web_service};
use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Forwarding, Service, SyncDaemon, SyncRole,
};
use ipvs_sys::Errno;

type Request = fn(&mut Client) -> Result<(), Error>;

/// Which requests have the same answers.
const REQUESTS: [(&str, Request); 16] = [
    ("write service", |ipvs| ipvs.add_service(&web_service())),
    ("write service", |ipvs| ipvs.update_service(&web_service())),
    ("write service with engine", |ipvs| {
        ipvs.add_service(&with_engine())
    }),
    ("service", |ipvs| ipvs.delete_service(web())),
    ("service", |ipvs| ipvs.service(web()).map(drop)),
    ("service", |ipvs| ipvs.zero_service(web())),
    ("write destination", |ipvs| {
        ipvs.add_destination(web(), &server())
    }),
    ("write destination", |ipvs| {
        ipvs.update_destination(web(), &server())
    }),
    ("write mixed destination", |ipvs| {
        ipvs.add_destination(web(), &mixed())
    }),
    ("destination", |ipvs| {
        ipvs.delete_destination(web(), server().id)
    }),
    ("start sync", |ipvs| ipvs.start_sync_daemon(&master())),
    ("stop sync", |ipvs| ipvs.stop_sync_daemon(SyncRole::Master)),
    ("general", |ipvs| ipvs.info().map(drop)),
    ("general", |ipvs| ipvs.timeouts().map(drop)),
    ("general", Client::flush),
    ("general", |ipvs| ipvs.services().map(drop)),
];

const ERRNOS: [Errno; 9] = [
    Errno::EPERM,
    Errno::EEXIST,
    Errno::ESRCH,
    Errno::ENOENT,
    Errno::EINVAL,
    Errno::EAFNOSUPPORT,
    Errno::ENODEV,
    Errno::ENETUNREACH,
    Errno::ERANGE,
];

fn with_engine() -> Service {
    web_service()
        .persistent(std::time::Duration::from_secs(60))
        .persistence_engine("test".parse().unwrap())
}

fn mixed() -> Destination {
    let id: Endpoint = endpoint("[2001:db8:1::7]:80");
    Destination::new(id).forwarding(Forwarding::Tunnel(Encapsulation::Ipip))
}

fn master() -> SyncDaemon {
    SyncDaemon::new(SyncRole::Master, "eth0")
}

/// `None`: it has no meaning of its own.
fn meaning(request: &str, errno: Errno) -> Option<String> {
    let (service, scheduler) = (web(), web_service().scheduler);
    let (server, mixed) = (server().id, mixed().id);
    let ipv4 = "this kernel's IPVS does not do IPv4";
    Some(match (request, errno) {
        (_, Errno::EPERM) => {
            "managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)".to_owned()
        }
        ("write service" | "write service with engine", Errno::EEXIST) => {
            format!("service {service} already exists")
        }
        ("write service", Errno::ENOENT) => {
            format!("scheduler \"{scheduler}\" is not in this kernel")
        }
        ("write service with engine", Errno::ENOENT) => {
            format!(
                "scheduler \"{scheduler}\" or persistence engine \"test\" is not in this kernel"
            )
        }
        ("write service" | "write service with engine", Errno::EINVAL) => format!(
            "scheduler \"{scheduler}\" cannot serve {service}: mh takes at most 4093 destinations"
        ),
        (
            "write service"
            | "write service with engine"
            | "service"
            | "write destination"
            | "write mixed destination"
            | "destination",
            Errno::ESRCH,
        ) => format!("no such service: {service}"),
        (
            "write service"
            | "write service with engine"
            | "service"
            | "write destination"
            | "destination",
            Errno::EAFNOSUPPORT,
        ) => ipv4.to_owned(),
        ("write mixed destination" | "start sync", Errno::EAFNOSUPPORT) => ipv4.replace('4', "6"),
        ("write destination", Errno::EEXIST) => {
            format!("destination {server} of service {service} already exists")
        }
        ("write mixed destination", Errno::EEXIST) => {
            format!("destination {mixed} of service {service} already exists")
        }
        ("write destination" | "destination", Errno::ENOENT) => {
            format!("no such destination: {server} of service {service}")
        }
        ("write mixed destination", Errno::ENOENT) => {
            format!("no such destination: {mixed} of service {service}")
        }
        ("write destination", Errno::EINVAL) => format!(
            "{server} cannot be a destination of service {service}: its address must be unicast or \
             local, and lo must be up"
        ),
        ("write mixed destination", Errno::EINVAL) => format!(
            "{mixed} cannot be a destination of service {service}, which is of another address \
             family: its address must be unicast or local, and no sync daemon may run"
        ),
        ("start sync", Errno::EEXIST) => {
            "a master sync daemon runs already: stop it before starting one with other parameters"
                .to_owned()
        }
        ("start sync", Errno::ENODEV) => "no such device: eth0".to_owned(),
        ("start sync", Errno::ENETUNREACH) => {
            "no sync daemon can speak on eth0: bring it up, or give the namespace a route to the \
             group"
                .to_owned()
        }
        ("start sync", Errno::EINVAL) => {
            "no sync daemon can run beside a destination of another address family than its service"
                .to_owned()
        }
        ("stop sync", Errno::ESRCH) => "no master sync daemon runs".to_owned(),
        _ => return None,
    })
}

#[test]
fn every_errno_means_the_same_to_requests_of_a_kind() {
    for (kind, request) in REQUESTS {
        for errno in ERRNOS {
            let error = request(&mut refused(errno)).unwrap_err();
            match meaning(kind, errno) {
                Some(meaning) => assert_eq!(error.to_string(), meaning, "{kind}: {errno}"),
                None => assert!(
                    matches!(error, Error::Kernel(_)),
                    "{kind}: {errno}: {error:?}"
                ),
            }
            assert_eq!(error.raw_os_error(), Some(errno as i32), "{kind}");
            let is_missing = [
                "no such service",
                "no such destination",
                "no master sync daemon",
            ]
            .iter()
            .any(|words| error.to_string().starts_with(words));
            assert_eq!(error.is_not_found(), is_missing, "{kind}: {errno}");
            let is_there = error.to_string().contains("already exists")
                || error.to_string().contains("runs already");
            assert_eq!(error.is_already_exists(), is_there, "{kind}: {errno}");
            assert!(!error.is_outcome_unknown(), "{kind}: {errno}");
            let is_denied = errno == Errno::EPERM;
            assert_eq!(error.is_permission_denied(), is_denied, "{kind}: {errno}");
            let is_passing = matches!(errno, Errno::EBUSY | Errno::ENOBUFS | Errno::ENOMEM);
            assert_eq!(error.is_retryable(), is_passing, "{kind}: {errno}");
        }
    }
}
