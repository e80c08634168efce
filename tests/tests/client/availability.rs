//! A kernel that does not let us, a kernel without IPVS, and a kernel that has it again.

use std::{env, fs};

use crate::common::{client, saved, server, web};
use ipvs::{Client, Destination, Error, Service, Timeouts, settings};
use ipvs_lab::{in_namespace, process};
use ipvs_sys::Errno;

/// Says that this is the test program in which a test started itself once more.
const INSIDE: &str = "IPVS_TEST_INSIDE";

/// Runs one test of this program again, behind a command that takes something from it.
fn again_under(command: &[&str], test: &str) {
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::{test}");
    // A copy that everybody may run: the folders above the original may be closed to others.
    let program = "/run/ipvs-test-inside";
    fs::copy(env::current_exe().unwrap(), program).unwrap();
    let inside = format!("{INSIDE}=1");
    let run = [
        &["env", &inside][..],
        command,
        &[program, "--ignored", "--exact", &test],
    ]
    .concat();
    let (first, rest) = run.split_first().unwrap();
    let output = process::run(first, rest);
    assert!(output.contains("1 passed"), "{output}");
}

fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// What is asked of a client, perhaps about a service or a destination of it.
type Request = fn(&mut Client, &Service, &Destination) -> Result<(), Error>;

/// Everything that a client can ask for says the same, reading included.
fn assert_everything_is_denied() {
    let mut ipvs = client();
    let (service, server) = (Service::new(web()), Destination::new(server()));
    let requests: [Request; 15] = [
        |ipvs, service, _| ipvs.add_service(service),
        |ipvs, service, _| ipvs.update_service(service),
        |ipvs, service, _| ipvs.delete_service(service.id),
        |ipvs, service, _| ipvs.zero_service(service.id),
        |ipvs, service, _| ipvs.service(service.id).map(drop),
        |ipvs, _, _| ipvs.services().map(drop),
        |ipvs, service, server| ipvs.add_destination(service.id, server),
        |ipvs, service, server| ipvs.update_destination(service.id, server),
        |ipvs, service, server| ipvs.delete_destination(service.id, server.id),
        |ipvs, service, _| ipvs.destinations(service.id).map(drop),
        |ipvs, _, _| ipvs.info().map(drop),
        |ipvs, _, _| ipvs.timeouts().map(drop),
        |ipvs, _, _| ipvs.set_timeouts(&Timeouts::default().tcp(crate::common::seconds(60))),
        |ipvs, _, _| ipvs.zero(),
        |ipvs, _, _| ipvs.flush(),
    ];
    for (number, request) in requests.into_iter().enumerate() {
        let error = request(&mut ipvs, &service, &server).unwrap_err();
        assert!(
            matches!(error, Error::PermissionDenied),
            "{number}: {error}"
        );
        assert_eq!(error.raw_os_error(), Some(Errno::EPERM as i32));
        assert_eq!(
            error.to_string(),
            "managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)"
        );
    }
    // Connections are a file that anybody may read.
    assert_eq!(ipvs.connections().unwrap().count(), 0);
}

/// As a user who is nobody in particular.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_stands_in_files_can_be_read_by_anybody_and_written_by_nobody() {
    const NOBODY: &[&str] = &[
        "setpriv",
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
    ];
    if is_inside() {
        return assert_files_are_read_and_not_written();
    }
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        again_under(
            NOBODY,
            "what_stands_in_files_can_be_read_by_anybody_and_written_by_nobody",
        );
        assert!(!ipvs.setting(&settings::CONNTRACK).unwrap());
    });
}

fn assert_files_are_read_and_not_written() {
    let mut ipvs = client();
    assert!(matches!(ipvs.services(), Err(Error::PermissionDenied)));
    let listing = ipvs.listing().unwrap();
    let [service] = &listing.services[..] else {
        panic!("{listing:?}");
    };
    assert_eq!(service.id.to_string(), "tcp:192.0.2.10:80");
    assert_eq!(service.destinations[0].id, server());
    assert_eq!(ipvs.connections().unwrap().count(), 0);
    assert_eq!(ipvs.connections_with_origin().unwrap().count(), 0);
    assert_eq!(ipvs.totals().unwrap().connections, 0);
    assert_eq!(ipvs.totals_by_cpu().unwrap()[0].cpu, 0);
    ipvs.applications().unwrap();
    assert_eq!(ipvs.connection_table_bits().unwrap(), 12);
    assert_eq!(ipvs.settings().unwrap()[0].0, "am_droprate");

    let error = ipvs.set_setting(&settings::CONNTRACK, true).unwrap_err();
    assert!(matches!(error, Error::SettingNotWritable(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "cannot write net.ipv4.vs.conntrack: it needs CAP_NET_ADMIN in the initial user namespace, and a /proc/sys that can be \
         written"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_the_capability_everything_is_denied() {
    const DROP: &[&str] = &[
        "setpriv",
        "--bounding-set",
        "-net_admin",
        "--inh-caps",
        "-net_admin",
    ];
    if is_inside() {
        return assert_everything_is_denied();
    }
    in_namespace(|| {
        client().add_service(&Service::new(web())).unwrap();
        again_under(DROP, "without_the_capability_everything_is_denied");
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s wlc");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_root_of_a_container_has_not_the_capability_that_counts() {
    const CONTAINER: &[&str] = &["unshare", "--user", "--map-root-user", "--net"];
    if is_inside() {
        return assert_everything_is_denied();
    }
    in_namespace(|| {
        again_under(
            CONTAINER,
            "the_root_of_a_container_has_not_the_capability_that_counts",
        );
    });
}
