//! Real servers that are down, and real servers that do not answer although they are up.

use super::nobody::{VIP, site};
use super::traffic::served;
use super::{found, kinds, remedies, sh};
use crate::common::program::done;
use ipvs_lab::netns::Netns;
use ipvs_lab::site::Site;

/// Connections to the VIP that are all given to `web2`, which does not accept them.
fn ask_web2(site: &Site) {
    let director = site.host("director");
    let weight = |of_web1: &str| {
        let edit = format!("edit-destination -t {VIP} -r 10.10.10.12 -w {of_web1}");
        director.enter(|| done(&edit));
    };
    weight("0");
    assert_eq!(served(site.host("client"), VIP, 5), 0);
    weight("1");
}

fn said_of_web2(director: &Netns) {
    assert_eq!(kinds(director), ["server_unanswered"]);
    let said = found(director, "doctor");
    let problem = format!("problem: 10.10.10.13 has answered none of 5 connections of tcp:{VIP}\n");
    assert!(said.contains(&problem), "{said}");
}

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

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_without_the_vip_does_not_look_healthy_once_clients_wait_for_it() {
    let site = site();
    let (client, director, web2) = (
        site.host("client"),
        site.host("director"),
        site.host("web2"),
    );
    sh(web2, "ip address delete 10.10.10.100/32 dev lo");
    ask_web2(&site);
    said_of_web2(director);
    // There, the doctor says what to do.
    for line in remedies(&found(web2, "doctor --vip 10.10.10.100")) {
        sh(web2, line);
    }
    assert_eq!(served(client, VIP, 4), 4);
    assert_eq!(kinds(director), [""; 0]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_whose_port_is_closed_does_not_look_healthy_once_clients_are_refused() {
    let site = site();
    let (client, director, web2) = (
        site.host("client"),
        site.host("director"),
        site.host("web2"),
    );
    // Another port is served.
    sh(
        director,
        "ipvs-rs add-service -t 10.10.10.100:81 -s rr
         ipvs-rs add-destination -t 10.10.10.100:81 -r 10.10.10.13",
    );
    assert_eq!(served(client, "10.10.10.100:81", 5), 0);
    let said = found(director, "doctor");
    assert_eq!(kinds(director), ["server_unanswered"], "{said}");
    super::traffic::serve(web2, "web2", 81);
    assert_eq!(served(client, "10.10.10.100:81", 4), 4);
    assert_eq!(kinds(director), [""; 0]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_a_dead_server_nothing_is_said_twice() {
    let site = site();
    let director = site.host("director");
    sh(site.host("web2"), "ip link set eth0 down");
    ask_web2(&site);
    assert_eq!(kinds(director), ["server_silent"]);
}
