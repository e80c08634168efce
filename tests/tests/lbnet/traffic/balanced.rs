//! A client, a director and two real servers.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use ipvs::{Client, Destination, Endpoint, Forwarding, Scheduler, Service};
use ipvs_lab::{netns::Netns, process, site::Site};
use lbnet::{Director, RealServer, Report, Tunnel};
use tempfile::TempDir;

use crate::machine::{self, device, dump, on_host};

/// How packets get from the director to the real servers.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    forwarding: Forwarding,
    tunnel: Option<Tunnel>,
    answers: Answers,
}

/// How a real server's answers get to the client.
#[derive(Clone, Copy, PartialEq)]
enum Answers {
    Directly,
    ThroughDirector,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Family {
    V4,
    V6,
}

pub(crate) struct Balanced {
    site: Site,
    way: Way,
    journals: TempDir,
}

/// A VIP on that site, and what is between director and real servers.
struct Balancing<'a> {
    site: &'a Balanced,
    vip: IpAddr,
    wire: Family,
}

const SERVERS: [&str; 2] = ["web1", "web2"];
const PORT: u16 = 80;

impl Way {
    pub(crate) fn direct() -> Self {
        Self {
            forwarding: Forwarding::Direct,
            tunnel: None,
            answers: Answers::Directly,
        }
    }

    /// Real servers that have the director as their gateway.
    pub(crate) fn direct_and_back() -> Self {
        Self {
            answers: Answers::ThroughDirector,
            ..Self::direct()
        }
    }

    pub(crate) fn masquerade() -> Self {
        Self {
            forwarding: Forwarding::Masquerade,
            tunnel: None,
            answers: Answers::ThroughDirector,
        }
    }

    pub(crate) fn tunnel(tunnel: Tunnel, encapsulation: ipvs::Encapsulation) -> Self {
        Self {
            forwarding: Forwarding::Tunnel(encapsulation),
            tunnel: Some(tunnel),
            answers: Answers::Directly,
        }
    }

    fn is_masquerade(self) -> bool {
        self.forwarding == Forwarding::Masquerade
    }

    /// Where servers listen: on another port than clients ask for where that may be.
    fn port(self) -> u16 {
        if self.is_masquerade() { 8080 } else { PORT }
    }
}

impl Balanced {
    /// A site whose hosts have addresses and nothing else.
    pub(crate) fn new(way: Way) -> Self {
        machine::load_modules(&[
            "ip_vs",
            "ipip",
            "sit",
            "ip6_tunnel",
            "ip_gre",
            "ip6_gre",
            "fou",
            "dummy",
        ]);
        let site = Site::new(&[
            ("client", "10.10.10.1/24"),
            ("director", "10.10.10.11/24"),
            ("web1", "10.10.20.12/24"),
            ("web2", "10.10.20.13/24"),
        ]);
        for (host, number) in site.hosts().zip(1..) {
            // By itself one would come, some time later.
            ip(host, "link set eth0 addrgenmode none");
            ip(host, "-6 address flush dev eth0");
            ip(
                host,
                &format!("address add fe80::{number}/64 dev eth0 nodad"),
            );
        }
        // Servers are in a network of their own, and answer through the director.
        for (host, commands) in [
            ("client", vec!["address add fd10::1/64 dev eth0 nodad"]),
            (
                "director",
                vec![
                    "address add fd10::11/64 dev eth0 nodad",
                    "address add 10.10.20.11/24 dev eth0",
                    "address add fd20::11/64 dev eth0 nodad",
                ],
            ),
            ("web1", vec!["address add fd20::12/64 dev eth0 nodad"]),
            ("web2", vec!["address add fd20::13/64 dev eth0 nodad"]),
        ] {
            for command in commands {
                ip(site.host(host), command);
            }
        }
        for server in SERVERS {
            for command in if way.answers == Answers::ThroughDirector {
                [
                    "route add default via 10.10.20.11",
                    "-6 route add default via fd20::11",
                ]
            } else {
                // Answers go to the client, as they would go to its router.
                [
                    "route add 10.10.10.0/24 dev eth0",
                    "-6 route add fd10::/64 dev eth0",
                ]
            } {
                ip(site.host(server), command);
            }
        }
        if way.answers == Answers::ThroughDirector {
            for server in SERVERS {
                site.host(server).enter(|| {
                    // Of IPv6 no director can be told to send no redirects, which lead past it.
                    let key = "/proc/sys/net/ipv6/conf/eth0/accept_redirects";
                    std::fs::write(key, "0").unwrap();
                });
            }
        }
        ip(site.host("client"), "route add 10.10.20.0/24 dev eth0");
        ip(site.host("client"), "-6 route add fd20::/64 dev eth0");
        Self {
            site,
            way,
            journals: tempfile::tempdir().unwrap(),
        }
    }

    /// Has real servers drop what comes from where answers would not go.
    pub(crate) fn checking_the_reverse_path(self, strictness: &str) -> Self {
        for server in SERVERS {
            self.site.host(server).enter(|| {
                let all = "/proc/sys/net/ipv4/conf/all/rp_filter";
                std::fs::write(all, strictness).unwrap();
            });
        }
        self
    }

    /// Sets all up for a VIP, asks, and takes it down.
    pub(crate) fn serves_and_leaves_nothing(&self, vip: Family, wire: Family) {
        let vip = match vip {
            Family::V4 => "10.10.10.100",
            Family::V6 => "fd10::100",
        };
        let balancing = Balancing {
            site: self,
            vip: vip.parse().unwrap(),
            wire,
        };
        let before: Vec<_> = self.site.hosts().map(dump).collect();
        let listening =
            SERVERS.map(|name| Listening::start(self.site.host(name), name, self.way.port()));
        ip(self.site.host("client"), "neighbour flush all");
        balancing.serves();
        drop(listening);
        for (host, before) in self.site.hosts().zip(&before) {
            machine::assert_same(before, &dump(host));
        }
        assert_eq!(std::fs::read_dir(self.journals.path()).unwrap().count(), 0);
    }
}

impl Balancing<'_> {
    fn serves(&self) {
        // Real servers first: when the director takes the VIP they are ready.
        for server in self.set_up_servers() {
            let up = || self.server(server, async |server, host| server.up(host).await);
            let (once, again) = (up(), up());
            assert!(once.changed() && !again.changed(), "{again}");
        }
        self.host("director").enter(|| self.add_service());
        let up = || self.director(async |director, host| director.up(host).await);
        let (once, again) = (up(), up());
        assert!(once.changed() && !again.changed(), "{again}");

        let client = if self.vip.is_ipv4() {
            "10.10.10.1"
        } else {
            "fd10::1"
        };
        let expected = SERVERS.map(|server| format!("{server} saw {client}"));
        assert_eq!(self.answers(), expected.into(), "{}", self.named());
        self.only_the_director_answered();

        self.director(async |director, host| director.down(host).await);
        self.host("director")
            .enter(|| Client::open().unwrap().flush().unwrap());
        for server in self.set_up_servers() {
            self.server(server, async |server, host| server.down(host).await);
        }
    }

    fn host(&self, name: &str) -> &Netns {
        self.site.site.host(name)
    }

    /// The servers that have the VIP.
    fn set_up_servers(&self) -> impl Iterator<Item = &'static str> {
        let needed = !self.site.way.is_masquerade();
        SERVERS.into_iter().filter(move |_| needed)
    }

    fn director(
        &self,
        work: impl AsyncFnOnce(&Director, &lbnet::Host) -> Result<Report, lbnet::Error>,
    ) -> Report {
        let mut director = machine::director(&self.vip.to_string());
        if self.site.way.is_masquerade() {
            director = director.masquerade();
        } else if self.site.way.answers == Answers::ThroughDirector {
            director = director.gateway_on(device("eth0"));
        }
        let journal = self.site.journals.path();
        on_host(self.host("director"), journal, async |host| {
            work(&director, host).await.unwrap()
        })
    }

    fn server(
        &self,
        name: &str,
        work: impl AsyncFnOnce(&RealServer, &lbnet::Host) -> Result<Report, lbnet::Error>,
    ) -> Report {
        let mut server = RealServer::new(self.vip, device("eth0"));
        if let Some(tunnel) = self.site.way.tunnel {
            // Found by itself where the families are the same.
            let named = self.vip.is_ipv4() != (self.wire == Family::V4);
            server = server.tunnel(if named {
                tunnel.local(self.address(name))
            } else {
                tunnel
            });
        }
        on_host(self.host(name), self.site.journals.path(), async |host| {
            let done = work(&server, host).await;
            done.unwrap_or_else(|error| panic!("{}: {error:?}", self.named()))
        })
    }

    fn address(&self, server: &str) -> IpAddr {
        let address = match (self.wire, server) {
            (Family::V4, "web1") => "10.10.20.12",
            (Family::V4, _) => "10.10.20.13",
            (Family::V6, "web1") => "fd20::12",
            (Family::V6, _) => "fd20::13",
        };
        address.parse().unwrap()
    }

    fn add_service(&self) {
        let mut ipvs = Client::open().unwrap();
        let endpoint = |address: IpAddr, port| Endpoint::from(SocketAddr::new(address, port));
        let service = Service::tcp(endpoint(self.vip, PORT)).scheduler(Scheduler::ROUND_ROBIN);
        ipvs.add_service(&service).unwrap();
        for server in SERVERS {
            let server = Destination::new(endpoint(self.address(server), self.site.way.port()));
            let server = server.forwarding(self.site.way.forwarding);
            ipvs.add_destination(service.id, &server).unwrap();
        }
    }

    /// What several connections of the client were told.
    fn answers(&self) -> BTreeSet<String> {
        let asks = || (0..4).map(|_| ask(SocketAddr::new(self.vip, PORT)));
        self.host("client").enter(|| asks().collect())
    }

    fn only_the_director_answered(&self) {
        let known = ip(self.host("client"), &format!("neighbour show {}", self.vip));
        let link = ip(self.host("director"), "-brief link show eth0");
        let mac = link.split_whitespace().nth(2).unwrap();
        assert!(known.contains(mac), "{}: {known}", self.named());
    }

    fn named(&self) -> String {
        format!(
            "{:?} to {} over {:?}",
            self.site.way.forwarding, self.vip, self.wire
        )
    }
}

fn ip(netns: &Netns, arguments: &str) -> String {
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    netns.enter(|| process::run("ip", &arguments))
}

fn ask(address: SocketAddr) -> String {
    let patience = Duration::from_secs(5);
    let mut answer = String::new();
    match TcpStream::connect_timeout(&address, patience) {
        Ok(mut stream) => {
            stream.set_read_timeout(Some(patience)).unwrap();
            match stream.read_to_string(&mut answer) {
                Ok(_) => answer,
                Err(error) => format!("no answer: {error}"),
            }
        }
        Err(error) => format!("no connection: {error}"),
    }
}

/// A server that tells who it is and whom it sees. It ends when this is dropped.
struct Listening {
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Listening {
    fn start(netns: &Netns, name: &'static str, port: u16) -> Self {
        let listener = netns.enter(|| TcpListener::bind(("::", port)).unwrap());
        listener.set_nonblocking(true).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let serve = move || {
            while !seen.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((mut stream, client)) => {
                        let _ = write!(stream, "{name} saw {}", client.ip().to_canonical());
                    }
                    Err(_) => thread::sleep(Duration::from_millis(2)),
                }
            }
        };
        Self {
            over,
            thread: Some(thread::spawn(serve)),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
