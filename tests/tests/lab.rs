//! The lab itself: what other kernel tests take for granted.

use ipvs_lab::process::{ipvsadm, output, run};
use ipvs_lab::{in_namespace, site::Site};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_namespace_begins_with_no_services_and_lo_up() {
    in_namespace(|| {
        assert_eq!(ipvsadm(&["-Sn"]), "");
        assert!(run("ip", &["-brief", "link", "show", "lo"]).contains("LOWER_UP"));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_of_one_namespace_are_not_in_another() {
    in_namespace(|| {
        ipvsadm(&["-A", "-t", "192.0.2.1:80", "-s", "rr"]);
        assert_eq!(ipvsadm(&["-Sn"]), "-A -t 192.0.2.1:80 -s rr");
    });
    in_namespace(|| assert_eq!(ipvsadm(&["-Sn"]), ""));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_panic_inside_passes_through_with_its_message() {
    let panic = std::panic::catch_unwind(|| in_namespace(|| panic!("seen"))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"seen"));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn hosts_of_a_site_reach_each_other() {
    let site = Site::new(&[("client", "192.0.2.1/24"), ("server", "192.0.2.2/24")]);
    let ping = site
        .host("client")
        .enter(|| output("ping", &["-c1", "-W2", "192.0.2.2"]));
    assert!(ping.is_success(), "{ping:?}");
}
