//! Real servers that are down.

use super::nobody::{VIP, site};
use super::traffic::served;
use super::{found, kinds, remedies, sh};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_that_is_down_does_not_look_healthy_and_is_taken_out_as_printed() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    assert_eq!(served(client, VIP, 4), 4);
    assert_eq!(kinds(director), [""; 0]);
    // What is in the neighbour cache says that it answers.
    sh(site.host("web2"), "ip link set eth0 down");
    assert_eq!(kinds(director), ["server_silent"]);
    assert_eq!(served(client, VIP, 4), 2);
    let said = found(director, "doctor");
    let problem = "problem: the real server 10.10.10.13 does not answer ARP on eth0\n";
    assert!(said.contains(problem), "{said}");
    let fix = format!("ipvs-rs edit-destination -t {VIP} -r 10.10.10.13 -w 0");
    assert!(remedies(&said).contains(&fix.as_str()), "{said}");
    sh(director, &fix);
    assert_eq!(kinds(director), [""; 0]);
    assert_eq!(served(client, VIP, 4), 4);

    // The last one is not taken out.
    sh(site.host("web1"), "ip link set eth0 down");
    assert_eq!(kinds(director), ["server_silent"]);
    let said = found(director, "doctor");
    assert!(!said.contains("-w 0"), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_that_came_back_is_not_called_silent_for_what_the_neighbour_cache_says() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    let cached = "ip neighbour replace 10.10.10.13 dev eth0 nud failed";
    sh(director, cached);
    assert_eq!(kinds(director), [""; 0]);
    assert_eq!(served(client, VIP, 4), 4);
}
