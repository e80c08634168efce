//! What makes masquerading fail.

mod own_kernel;

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use super::traffic::{serve, served};
use super::{found, healthy, kinds, remedies, sh};
use crate::common::program::{done, shown};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

const VIP: &str = "10.10.10.100";

/// A client, and a director with real servers that have it as their gateway.
fn site(servers: [&str; 2], gateway: &str) -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("web1", &format!("{}/24", servers[0])),
        ("web2", &format!("{}/24", servers[1])),
    ]);
    let director = site.host("director");
    if gateway != "10.10.10.11" {
        sh(director, &format!("ip address add {gateway}/24 dev eth0"));
    }
    for server in ["web1", "web2"] {
        sh(
            site.host(server),
            &format!("ip route add default via {gateway}"),
        );
    }
    let _ = process::output("modprobe", &["ip_vs"]);
    director
        .enter(|| shown("director up --vip 10.10.10.100/24 --device eth0 --forward masquerade"));
    site
}

fn balance(director: &Netns, service: &str, servers: [&str; 2]) {
    director.enter(|| {
        done(&format!("add-service {service} -s rr"));
        for server in servers {
            done(&format!("add-destination {service} -r {server} -m"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn masqueraded_servers_beside_their_clients_are_found_and_no_command_is_printed_that_does_not_help()
{
    let beside = ["10.10.10.12", "10.10.10.13"];
    let site = site(beside, "10.10.10.11");
    let (client, director) = (site.host("client"), site.host("director"));
    for name in ["web1", "web2"] {
        serve(site.host(name), name, 80);
    }
    balance(director, "-t 10.10.10.100:80", beside);
    let said = found(director, "doctor");
    let warning = "warning: masqueraded real servers are in the clients' network 10.10.10.0/24: \
                   10.10.10.12, 10.10.10.13\n";
    assert!(said.starts_with(warning), "{said}");

    assert_eq!(served(client, &format!("{VIP}:80"), 4), 0);
    let said = found(director, "doctor");
    assert!(
        said.starts_with(&warning.replace("warning", "problem")),
        "{said}"
    );
    assert_eq!(kinds(director), ["servers_in_clients_network"]);
    assert!(!said.contains("ip route"), "{said}");

    // A network of their own.
    sh(director, "ip address add 10.10.20.11/24 dev eth0");
    for (name, old) in ["web1", "web2"].into_iter().zip(beside) {
        let new = old.replace("10.10.10", "10.10.20");
        let move_it = format!(
            "ip address flush dev eth0; ip address add {new}/24 dev eth0; \
             ip route add default via 10.10.20.11"
        );
        sh(site.host(name), &move_it);
        director.enter(|| {
            done(&format!("add-destination -t {VIP}:80 -r {new} -m"));
            done(&format!("delete-destination -t {VIP}:80 -r {old}"));
        });
    }
    assert_eq!(served(client, &format!("{VIP}:80"), 4), 4);
    healthy(director, "doctor");
}

/// Answers every packet from the address that it came to.
fn echo(host: &Netns) {
    let socket = host.enter(|| UdpSocket::bind("0.0.0.0:53").unwrap());
    thread::spawn(move || {
        let mut heard = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut heard) {
            let _ = socket.send_to(heard.get(..length).unwrap_or_default(), from);
        }
    });
}

fn questions(client: &Netns) -> UdpSocket {
    client.enter(|| {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.connect((VIP, 53)).unwrap();
        let patience = Some(Duration::from_millis(500));
        socket.set_read_timeout(patience).unwrap();
        socket
    })
}

/// How many of four packets are answered.
fn answered(socket: &UdpSocket) -> usize {
    let mut heard = [0; 64];
    let mut ask = || socket.send(b"?").and_then(|_| socket.recv(&mut heard));
    (0..4).filter(|_| ask().is_ok()).count()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_packet_scheduling_of_masqueraded_servers_loses_the_replies() {
    let servers = ["10.10.20.12", "10.10.20.13"];
    let site = site(servers, "10.10.20.11");
    let (client, director) = (site.host("client"), site.host("director"));
    for name in ["web1", "web2"] {
        echo(site.host(name));
    }
    balance(director, "-u 10.10.10.100:53", servers);
    let older = questions(client);
    assert_eq!(answered(&older), 4);
    director.enter(|| done("edit-service -u 10.10.10.100:53 -o"));
    assert_eq!(answered(&older), 4, "a flow keeps its entry");
    assert_eq!(answered(&questions(client)), 0);
    assert_eq!(kinds(director), ["one_packet_masqueraded"]);
    let said = found(director, "doctor");
    let fix = "ipvs-rs edit-service -u 10.10.10.100:53 --no-ops";
    assert!(remedies(&said).contains(&fix), "{said}");
    sh(director, fix);
    assert!(!kinds(director).contains(&"one_packet_masqueraded".to_owned()));
    assert_eq!(answered(&questions(client)), 4);
}
