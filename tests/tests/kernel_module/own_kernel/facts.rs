//! What the kernel does while `ip_vs` comes and goes.

use std::fs;
use std::path::Path;

use ipvs::Service;
use ipvs_lab::in_namespace;
use ipvs_lab::process::{ipvs_rs, run};
use ipvs_sys::Errno;
use ipvs_sys::constants::IPVS_CMD_GET_INFO;

use crate::common::modules::{Unloadable, unload};
use crate::common::{client, endpoint};
use crate::nobody::as_nobody;
use crate::wire::{GENL_ID_CTRL, Request, Wire, family, lookup};

fn is_loaded() -> bool {
    Path::new("/proc/thread-self/net/ip_vs").exists()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn asking_for_the_family_loads_it_even_for_somebody_without_privilege() {
    in_namespace(|| {
        unload();
        assert!(!is_loaded());
        let answer = as_nobody(|| Wire::of(GENL_ID_CTRL).ask(lookup("IPVS")));
        assert_eq!(answer, None);
        assert!(is_loaded());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn doctor_loads_nothing_and_says_what_does() {
    in_namespace(|| {
        unload();
        assert_eq!(ipvs_rs(&["doctor"]).status, Some(1));
        let said = ipvs_rs(&["doctor", "--director"]);
        assert!(!is_loaded());
        assert_eq!(
            (said.status, said.stdout.as_str()),
            (
                Some(3),
                "problem: the kernel has no IPVS: its module ip_vs is not loaded\n    \
                 Nothing is balanced: clients are refused, or get no answer.\n    \
                 fix: modprobe ip_vs\n\
                 1 problem\n"
            )
        );
        run("modprobe", &["ip_vs"]);
        let said = ipvs_rs(&["doctor", "--director"]).stdout;
        assert!(
            said.starts_with("problem: IPVS has no services\n"),
            "{said}"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_it_cannot_be_loaded_the_family_is_not_there() {
    in_namespace(|| {
        let _kernel = Unloadable::new();
        let wire = &mut Wire::of(GENL_ID_CTRL);
        wire.socket.set_ext_ack(true).unwrap();
        let answers = wire.converse(&[lookup("IPVS")]);
        assert_eq!(answers[0].outcome(), Some(Errno::ENOENT));
        // Nor is anything said beside it.
        assert_eq!(answers[0].flags, 0);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn loaded_again_it_has_another_number_and_the_old_one_is_not_there() {
    in_namespace(|| {
        let old = family();
        unload();
        let new = family();
        assert_ne!(new, old);
        let question = || Request::new(IPVS_CMD_GET_INFO, &[]);
        assert_eq!(Wire::of(old).ask(question()), Some(Errno::ENOENT));
        assert_eq!(Wire::of(new).ask(question()), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_connection_table_has_the_size_that_the_module_was_loaded_with() {
    in_namespace(|| {
        // Out of range is as good as nothing.
        for (bits, size) in [
            ("10", 1 << 10),
            ("20", 1 << 20),
            ("30", 1 << 12),
            ("7", 1 << 12),
        ] {
            unload();
            run("modprobe", &["ip_vs", &format!("conn_tab_bits={bits}")]);
            assert_eq!(client().info().unwrap().connection_table_size, size);
            let parameter = "/sys/module/ip_vs/parameters/conn_tab_bits";
            let bits = fs::read_to_string(parameter).unwrap();
            assert_eq!(1 << bits.trim().parse::<u32>().unwrap(), size);
        }
        unload();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_setting_of_a_scheduler_comes_and_goes_with_its_module() {
    in_namespace(|| {
        unload();
        let setting = || Path::new("/proc/sys/net/ipv4/vs/lblc_expiration").exists();
        run("modprobe", &["ip_vs"]);
        assert!(!setting());
        run("modprobe", &["ip_vs_lblc"]);
        assert!(setting());
        run("rmmod", &["ip_vs_lblc"]);
        assert!(!setting());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn helpers_are_listed_in_columns_and_none_is_loaded_by_itself() {
    in_namespace(|| {
        unload();
        let mut ipvs = client();
        let listed = || fs::read_to_string("/proc/thread-self/net/ip_vs_app").unwrap();
        let titles = "prot port    usecnt name\n";
        ipvs.add_service(&Service::tcp(endpoint("192.0.2.10:21")))
            .unwrap();
        assert_eq!(listed(), titles);

        run("modprobe", &["ip_vs_ftp", "ports=21,2121"]);
        assert_eq!(
            listed(),
            format!(
                "{titles}TCP  2121    0      ftp              \nTCP  21      0      ftp              \n"
            )
        );
        ipvs.flush().unwrap();
        unload();
    });
}
