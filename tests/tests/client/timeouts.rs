//! Timeouts on a kernel, read by us and by ipvsadm.

use crate::common::{client, refused, seconds};
use ipvs::{Error, Invalid, Timeouts};
use ipvs_lab::{in_namespace, process};

fn timeouts(tcp: u64, tcp_fin: u64, udp: u64) -> Timeouts {
    Timeouts::default()
        .tcp(seconds(tcp))
        .tcp_fin(seconds(tcp_fin))
        .udp(seconds(udp))
}

fn as_ipvsadm_says() -> String {
    process::ipvsadm(&["-L", "--timeout"])
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_new_namespace_has_the_kernels_defaults() {
    in_namespace(|| {
        assert_eq!(client().timeouts().unwrap(), timeouts(900, 120, 300));
        assert_eq!(as_ipvsadm_says(), "Timeout (tcp tcpfin udp): 900 120 300");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_not_named_is_kept() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.set_timeouts(&timeouts(66, 67, 68)).unwrap();
        assert_eq!(as_ipvsadm_says(), "Timeout (tcp tcpfin udp): 66 67 68");
        let one = Timeouts::default();
        for (change, after) in [
            (one.tcp(seconds(77)), timeouts(77, 67, 68)),
            (one.tcp_fin(seconds(78)), timeouts(77, 78, 68)),
            (one.udp(seconds(79)), timeouts(77, 78, 79)),
            (one, timeouts(77, 78, 79)),
        ] {
            ipvs.set_timeouts(&change).unwrap();
            assert_eq!(ipvs.timeouts().unwrap(), after);
        }
        assert_eq!(as_ipvsadm_says(), "Timeout (tcp tcpfin udp): 77 78 79");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_ipvsadm_sets_is_read() {
    in_namespace(|| {
        process::ipvsadm(&["--set", "7200", "0", "60"]);
        assert_eq!(client().timeouts().unwrap(), timeouts(7200, 120, 60));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_longest_is_taken_and_one_second_more_is_not() {
    in_namespace(|| {
        let mut ipvs = client();
        let longest = timeouts(2_147_483, 2_147_483, 2_147_483);
        ipvs.set_timeouts(&longest).unwrap();
        assert_eq!(ipvs.timeouts().unwrap(), longest);

        // None is set where one is refused.
        let one_too_long = timeouts(1, 1, 2_147_484);
        let error = refused(&mut ipvs, |ipvs| ipvs.set_timeouts(&one_too_long));
        assert!(
            matches!(error, Error::Invalid(Invalid::Timeout(_))),
            "{error}"
        );
        assert_eq!(
            error.to_string(),
            "timeout of 24d 20h 31m 24s is out of range: 1s to 24d 20h 31m 23s, in whole \
             seconds"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn each_namespace_has_its_own() {
    in_namespace(|| {
        client().set_timeouts(&timeouts(1, 2, 3)).unwrap();
        in_namespace(|| assert_eq!(client().timeouts().unwrap(), timeouts(900, 120, 300)));
        assert_eq!(client().timeouts().unwrap(), timeouts(1, 2, 3));
    });
}
