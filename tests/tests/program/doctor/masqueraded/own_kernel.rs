//! FTP, whose module is unloaded first.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::super::{found, healthy, kinds, remedies, sh};
use super::{VIP, balance, site};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;

/// A server that names its own address for the transfer, as FTP servers do.
fn ftp(host: &Netns, address: &str) {
    let control = host.enter(|| TcpListener::bind("0.0.0.0:21").unwrap());
    let reply = format!(
        "227 Entering Passive Mode ({},19,136).\r\n",
        address.replace('.', ",")
    );
    thread::spawn(move || {
        for stream in control.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let _ = stream.write_all(reply.as_bytes());
        }
    });
}

/// What the client is told where to fetch its file.
fn passive(client: &Netns) -> String {
    client.enter(|| {
        let mut stream = TcpStream::connect((VIP, 21)).unwrap();
        stream.write_all(b"PASV\r\n").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn masqueraded_ftp_without_its_module_sends_clients_to_an_address_they_cannot_reach() {
    let _ = process::output("modprobe", &["--remove", "ip_vs_ftp"]);
    let servers = ["10.10.20.12", "10.10.20.13"];
    let site = site(servers, "10.10.20.11");
    let (client, director) = (site.host("client"), site.host("director"));
    for (name, address) in ["web1", "web2"].into_iter().zip(servers) {
        ftp(site.host(name), address);
    }
    balance(director, "-t 10.10.10.100:21", servers);
    assert_eq!(kinds(director), ["ftp_helper_missing"]);
    let told = passive(client);
    assert!(told.contains("(10,10,20,"), "{told}");
    let said = found(director, "doctor");
    let fix = "modprobe ip_vs_ftp";
    assert!(remedies(&said).contains(&fix), "{said}");
    sh(director, fix);
    healthy(director, "doctor");
    let told = passive(client);
    assert!(told.contains("(10,10,10,100,"), "{told}");
}
