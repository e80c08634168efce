//! Marks and network namespaces, however they are named.

use std::process::Command;

use ipvs_lab::in_namespace;
use ipvs_lab::site::Site;

use crate::common::program::{done, refused, shown, typed};
use crate::common::saved;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_hexadecimal_mark_is_the_same_mark() {
    in_namespace(|| {
        done("add-service -f 0x10000 -s rr");
        assert_eq!(saved(), "-A -f 65536 -s rr");
        done("add-destination -f 65536 -r 198.51.100.7");
        done("edit-destination -f 0X10000 -r 198.51.100.7 -w 5");
        assert!(shown("list -f 0x10000").contains("FWM 65536"));
        done("delete-service -f 0x10000");
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_namespace_by_its_path_or_process_is_the_one_of_its_name() {
    let site = Site::new(&[("director", "10.10.10.11/24"), ("other", "10.10.10.12/24")]);
    let director = site.host("director");
    let mut inside = director.enter(|| Command::new("sleep").arg("600").spawn().unwrap());
    let process = format!("pid:{}", inside.id());
    let path = format!("/proc/{}/ns/net", inside.id());
    let names = ["director", "/run/netns/director", &path, &process];
    for (port, name) in (80..).zip(names) {
        done(&format!(
            "add-service -t 10.10.10.100:{port} -s rr --netns {name}"
        ));
        let set_up = format!("--vip 10.10.10.{port}/24 --device eth0 --netns {name}");
        shown(&format!("director up {set_up} --claim"));
        shown(&format!("director down {set_up}"));
    }
    assert_eq!(director.enter(saved).lines().count(), names.len());
    assert_eq!(site.host("other").enter(saved), "");
    // A line that is printed for it works outside of it.
    director.enter(|| done("flush --yes"));
    director.enter(|| done("add-service -t 10.10.10.100:80 -s rr"));
    let said = typed(&format!("doctor --netns {process}"), "").stdout;
    let line = format!("ipvs-rs add-destination -t 10.10.10.100:80 -r ADDRESS --netns {process}");
    assert!(said.contains(&line), "{said}");
    inside.kill().unwrap();
    inside.wait().unwrap();
    for gone in [path.as_str(), &process, "/run/netns/nobody"] {
        let list = typed(&format!("list --netns {gone}"), "");
        assert_eq!(list.status, Some(1), "{gone}");
        assert!(list.stderr.starts_with("error: "), "{}", list.stderr);
    }
    in_namespace(|| refused("list --netns nobody", "no such network namespace: nobody"));
}
