//! The examples do what they say, on the kernel.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use common::traffic::own;
use common::{client, endpoint, saved};
use ipvs::{Scheduler, Service, settings};
use ipvs_lab::in_namespace;
use ipvs_lab::process::{Output, ipvsadm, output, run};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::Pid;

const VIP: &str = "192.0.2.10:80";
const SERVERS: [&str; 2] = ["198.51.100.7:8080", "198.51.100.8:8080"];

/// Cargo builds the examples beside the tests.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
    folder.join("examples").join(name)
}

/// Runs an example, whatever its exit status.
fn outcome(name: &str, arguments: &[&str]) -> Output {
    output(path(name).to_str().unwrap(), arguments)
}

/// What an example prints, which must succeed.
fn example(name: &str, arguments: &[&str]) -> String {
    outcome(name, arguments).success()
}

/// What an example complains of, which must fail.
fn complaint(name: &str, arguments: &[&str]) -> String {
    let output = outcome(name, arguments);
    assert_eq!(output.status, Some(1), "{output:?}");
    output.stderr
}

/// What a server of [`VIP`] is in the words of ipvsadm.
fn masqueraded(server: &str, weight: u32) -> String {
    format!("-a -t {VIP} -r {server} -m -w {weight}")
}

/// A server whose connections the kernel accepts. Nothing of it outlives the test: a thread would
/// keep the namespace, and its services would keep `ip_vs`, which another test unloads.
fn listen(server: &str) -> TcpListener {
    TcpListener::bind(server).unwrap()
}

/// A connection through the director.
fn connect() -> TcpStream {
    TcpStream::connect(VIP).unwrap()
}

/// An example that goes on beside the test, and ends with it.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    complaints: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(path(name));
        command.args(arguments).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        Self {
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            complaints: BufReader::new(child.stderr.take().unwrap()).lines(),
            child,
        }
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(pid, signal).unwrap();
    }

    /// Its exit status after Ctrl-C.
    fn ctrl_c(&mut self) -> Option<i32> {
        self.signal(Signal::SIGINT);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn raw_get_info_prints_the_kernels_answer() {
    in_namespace(|| {
        assert_eq!(
            example("raw_get_info", &[]),
            "Info([Version(66049), ConnTabSize(4096)])\n"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_web_service_is_made_listed_and_drained() {
    in_namespace(|| {
        example("nat_web_service", &[VIP, SERVERS[0], SERVERS[1]]);
        let all = SERVERS.map(|server| masqueraded(server, 1));
        assert_eq!(saved(), format!("-A -t {VIP} -s wlc\n{}", all.join("\n")));
        assert_eq!(
            example("list_services", &[]),
            "tcp:192.0.2.10:80 (wlc): 0 connections, 0 a second\n  \
             198.51.100.7:8080 masquerade, weight 1: 0 active\n  \
             198.51.100.8:8080 masquerade, weight 1: 0 active\n"
        );
        let said = example("drain_a_destination", &[VIP, SERVERS[0]]);
        assert_eq!(said, "connections left: 0 active, 0 inactive\n");
        assert_eq!(saved(), format!("-A -t {VIP} -s wlc\n{}", all[1]));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_is_drained_when_its_last_connection_ended_and_not_before() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        let _server = listen(SERVERS[0]);
        example("nat_web_service", &[VIP, SERVERS[0]]);
        let talk = connect();
        let draining = outcome("drain_a_destination", &[VIP, SERVERS[0], "1s"]);
        assert_eq!(draining.status, Some(1));
        let left = "connections left: 1 active, 0 inactive\n";
        assert!(draining.stdout.starts_with(left));
        assert_eq!(
            draining.stderr,
            "error: timed out with connections left; the server stays at weight 0\n"
        );
        let drained = masqueraded(SERVERS[0], 0);
        assert_eq!(saved(), format!("-A -t {VIP} -s wlc\n{drained}"));

        // The kernel forgets a connection that was reset after ten seconds.
        let at_once = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&talk, sockopt::Linger, &at_once).unwrap();
        drop(talk);
        let said = example("drain_a_destination", &[VIP, SERVERS[0], "1m"]);
        let left = "connections left: 0 active, 0 inactive\n";
        assert!(said.ends_with(left), "{said}");
        assert_eq!(saved(), format!("-A -t {VIP} -s wlc"));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_and_a_real_server_are_set_up() {
    let with_a_device = |test: fn()| {
        in_namespace(|| {
            run("ip", &["link", "add", "eth0", "type", "dummy"]);
            run("ip", &["link", "set", "eth0", "up"]);
            test();
        });
    };
    with_a_device(|| {
        let said = example(
            "direct_routing_director",
            &["10.10.10.100", "eth0", "10.10.10.12"],
        );
        assert!(said.contains("added 10.10.10.100/32 to eth0\n"), "{said}");
        assert_eq!(
            ipvsadm(&["-Sn"]),
            "-A -t 10.10.10.100:80 -s rr\n\
             -a -t 10.10.10.100:80 -r 10.10.10.12:80 -g -w 1"
        );
    });
    with_a_device(|| {
        let said = example("direct_routing_real_server", &["10.10.10.100", "eth0"]);
        assert!(said.contains("added 10.10.10.100/32 to lo\n"), "{said}");
        let again = example("direct_routing_real_server", &["10.10.10.100", "eth0"]);
        assert!(!again.contains("added"), "{again}");
    });
    with_a_device(|| {
        run("ip", &["address", "add", "10.10.20.12/24", "dev", "eth0"]);
        let said = example("tunnel_real_server", &["10.10.10.100", "eth0", "6080"]);
        let device = "added the device ipvs-ipip (ipip local 10.10.20.12)\n";
        assert!(said.contains(device), "{said}");
        // No web server was started.
        let missing = "warning: no program listens on 10.10.10.100";
        assert!(said.contains(missing), "{said}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn only_servers_that_answer_get_connections() {
    in_namespace(|| {
        own(&["198.51.100.7/32", "198.51.100.8/32"]);
        let [_first, second] = SERVERS.map(listen);
        let mut daemon = Running::start("health_checked_service", &[VIP, SERVERS[0], SERVERS[1]]);
        let with_the_second_at = |weight| {
            let servers = [masqueraded(SERVERS[0], 1), masqueraded(SERVERS[1], weight)];
            format!("-A -t {VIP} -s wlc\n{}", servers.join("\n"))
        };
        let mut began = [daemon.line(), daemon.line()];
        began.sort();
        assert_eq!(began, SERVERS.map(|server| format!("{server}: weight 1")));
        assert_eq!(saved(), with_the_second_at(1));

        drop(second);
        assert_eq!(daemon.line(), "198.51.100.8:8080: weight 0");
        assert_eq!(saved(), with_the_second_at(0));
        let _second = listen(SERVERS[1]);
        assert_eq!(daemon.line(), "198.51.100.8:8080: weight 1");
        assert_eq!(saved(), with_the_second_at(1));

        assert_eq!(daemon.ctrl_c(), Some(0));
        assert_eq!(saved(), "");
    });
}

/// A file for one director that masquerades to both servers.
fn director_file() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = r#"
        [[service]]
        tcp = "192.0.2.10:80"
        scheduler = "rr"
        destination = [
            { address = "198.51.100.7:8080", forward = "masquerade" },
            { address = "198.51.100.8:8080", forward = "masquerade" },
        ]
        [director]
        vips = [{ address = "192.0.2.10/32", device = "eth0", unannounced = true }]
    "#;
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn has_vip() -> bool {
    let addresses = output("ip", &["-oneline", "address", "show", "dev", "eth0"]).success();
    addresses.contains("192.0.2.10/32")
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_becomes_what_a_file_says() {
    in_namespace(|| {
        run("ip", &["link", "add", "eth0", "type", "dummy"]);
        run("ip", &["link", "set", "eth0", "up"]);
        let file = director_file();
        let path = file.path().to_str().unwrap();
        let said = example("set_up_from_file", &[path]);
        assert!(said.contains("added 192.0.2.10/32 to eth0\n"), "{said}");
        assert!(has_vip());
        let servers = SERVERS.map(|server| masqueraded(server, 1)).join("\n");
        assert_eq!(saved(), format!("-A -t {VIP} -s rr\n{servers}"));
        let again = example("set_up_from_file", &[path]);
        assert!(!again.contains("added"), "{again}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_keeps_a_host_as_its_file_says_and_takes_it_down() {
    in_namespace(|| {
        run("ip", &["link", "add", "eth0", "type", "dummy"]);
        run("ip", &["link", "set", "eth0", "up"]);
        own(&["198.51.100.7/32", "198.51.100.8/32"]);
        let [_first, second] = SERVERS.map(listen);
        let mut file = director_file();
        let path = file.path().to_str().unwrap().to_owned();
        let mut daemon = Running::start("load_balancer", &[&path]);
        let wait_for = |daemon: &mut Running, wanted: &str| while daemon.line() != wanted {};

        wait_for(&mut daemon, "added 192.0.2.10/32 to eth0");
        assert!(has_vip());
        drop(second);
        let change = "update destination 198.51.100.8:8080 of service tcp:192.0.2.10:80: weight";
        wait_for(&mut daemon, &format!("{change} 1 → 0"));
        let _second = listen(SERVERS[1]);
        wait_for(&mut daemon, &format!("{change} 0 → 1"));

        file.write_all(b"[directors]").unwrap();
        daemon.signal(Signal::SIGHUP);
        let complaint = daemon.complaints.next().unwrap().unwrap();
        assert!(complaint.contains("directors"), "{complaint}");
        assert!(has_vip());

        assert_eq!(daemon.ctrl_c(), Some(0));
        assert!(!has_vip());
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_table_becomes_what_a_file_says() {
    in_namespace(|| {
        example("nat_web_service", &[VIP, SERVERS[0]]);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let table = r#"
            [[service]]
            tcp = "192.0.2.10:80"
            scheduler = "rr"
            destination = [{ address = "198.51.100.8:8080", forward = "masquerade", weight = 5 }]
            [[service]]
            udp = "192.0.2.10:53"
        "#;
        file.write_all(table.as_bytes()).unwrap();
        assert_eq!(
            example("reconcile", &[&path]),
            "update service tcp:192.0.2.10:80: scheduler wlc → rr\n\
             add destination 198.51.100.8:8080 to service tcp:192.0.2.10:80\n\
             delete destination 198.51.100.7:8080 of service tcp:192.0.2.10:80\n\
             add service udp:192.0.2.10:53\n"
        );
        let server = masqueraded(SERVERS[1], 5);
        let rules = format!("-A -t {VIP} -s rr\n{server}\n-A -u 192.0.2.10:53 -s wlc");
        assert_eq!(saved(), rules);
        assert_eq!(example("reconcile", &[&path]), "nothing to do\n");

        let table = table.replace("\"rr\"", "\"rrr\"");
        fs::write(&path, table).unwrap();
        assert_eq!(
            complaint("reconcile", &[&path]),
            "error: cannot update service tcp:192.0.2.10:80: scheduler rr → rrr; nothing was changed: \
             scheduler \"rrr\" is not in this kernel\n"
        );
        assert_eq!(saved(), rules);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_a_service_counts_is_told_every_second() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        let _server = listen(SERVERS[0]);
        example("nat_web_service", &[VIP, SERVERS[0]]);
        let idle = "0 connections, 0 bytes in, 0 bytes out; 0/s, 0 B/s, 0 B/s";
        let idle = format!("tcp:{VIP}: {idle}\n");
        assert_eq!(example("watch_rates", &["2"]), idle.repeat(2));

        let mut watch = Running::start("watch_rates", &["60"]);
        assert_eq!(watch.line() + "\n", idle);
        let _talk = connect();
        let mut until = |wanted: &str| {
            std::iter::repeat_with(|| watch.line())
                .find(|line| line.contains(wanted))
                .unwrap()
        };
        let counted = until(": 1 connections, ");
        assert!(!counted.ends_with(", 0 B/s, 0 B/s"), "{counted}");
        ipvsadm(&["-Z"]);
        until("zeroed, or added anew");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_connections_of_one_client_are_told_from_others() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "192.0.2.20/32", "198.51.100.7/32"]);
        let _server = listen(SERVERS[0]);
        ipvsadm(&["-A", "-t", VIP, "-p", "300"]);
        ipvsadm(&["-a", "-t", VIP, "-r", SERVERS[0], "-m"]);
        ipvsadm(&["-A", "-u", "192.0.2.10:53"]);
        ipvsadm(&["-a", "-u", "192.0.2.10:53", "-r", "198.51.100.7:53", "-m"]);
        let talks = [connect(), connect()];
        let other = UdpSocket::bind("192.0.2.20:5000").unwrap();
        other.send_to(b"hello", "192.0.2.10:53").unwrap();

        let said = example("connections_of_a_client", &["192.0.2.10"]);
        let listed = ipvsadm(&["-Lcn"]);
        for talk in &talks {
            let client = talk.local_addr().unwrap();
            let line = format!("{client} to {VIP} at {}: ESTABLISHED, ", SERVERS[0]);
            assert!(said.contains(&line), "{said}");
            assert!(listed.contains(&client.to_string()), "{listed}");
        }
        let template = format!("192.0.2.10:0 to {VIP} at {}: ", SERVERS[0]);
        assert!(said.contains(&template), "{said}");
        let summary = format!("TCP {VIP} at {}: 2 connections, 1 templates", SERVERS[0]);
        assert_eq!(said.lines().last(), Some(&*summary));
        assert_eq!(said.lines().count(), 4, "{said}");

        let said = example("connections_of_a_client", &["192.0.2.20"]);
        let (first, rest) = said.split_once('\n').unwrap();
        let line = "192.0.2.20:5000 to 192.0.2.10:53 at 198.51.100.7:53: UDP, forgotten in ";
        assert!(first.starts_with(line), "{said}");
        let summary = "UDP 192.0.2.10:53 at 198.51.100.7:53: 1 connections, 0 templates\n";
        assert_eq!(rest, summary);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_user_without_privilege_sees_what_is_there() {
    in_namespace(|| {
        let mut ipvs = client();
        let web = Service::tcp(endpoint(VIP)).scheduler(Scheduler::ROUND_ROBIN);
        ipvs.add_service(&web).unwrap();
        ipvsadm(&["-a", "-t", VIP, "-r", "198.51.100.7", "-w", "3"]);
        ipvs.set_setting(&settings::EXPIRE_NODEST_CONN, true)
            .unwrap();
        let as_nobody = |name: &str| {
            // Where everybody may run it: what leads to the original may be closed to others.
            let program = format!("/run/{name}");
            fs::copy(path(name), &program).unwrap();
            let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
            output("setpriv", &[&nobody[..], &[&program]].concat())
        };
        let known = settings::description("expire_nodest_conn").unwrap();
        assert_eq!(
            as_nobody("who_is_there").success(),
            format!(
                "IPVS 1.2.1\n\
                 tcp:{VIP} (rr)\n  \
                 198.51.100.7:80 direct, weight 3: 0 active\n\
                 0 connections in all, 0 bytes from clients\n\
                 expire_nodest_conn = 1, not 0: {}\n",
                known.meaning
            )
        );
        let listing = as_nobody("list_services");
        assert_eq!(
            (listing.status, listing.stderr.as_str()),
            (
                Some(1),
                "error: managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)\n"
            )
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_sync_daemon_is_started_anew_only_where_it_runs_otherwise() {
    /// The kernel's threads that run masters.
    fn masters() -> Vec<String> {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let names = processes.filter_map(|it| {
            let name = fs::read_to_string(it.path().join("comm")).ok()?;
            let is_master = name.starts_with("ipvs-m:");
            is_master.then(|| it.file_name().into_string().unwrap())
        });
        names.collect()
    }
    in_namespace(|| {
        run("ip", &["link", "add", "eth0", "type", "dummy"]);
        run("ip", &["link", "set", "eth0", "up"]);
        let other = ["--mcast-interface", "eth0", "--syncid", "3"];
        ipvsadm(&[&["--start-daemon", "master"], &other[..]].concat());
        let before = masters();

        let runs =
            "on eth0, sync id 7, group 224.0.0.81, port 8848, ttl 1, messages up to 1472 bytes";
        let said = example("sync_daemon_pair", &["master", "eth0"]);
        assert_eq!(said, format!("master {runs}\n"));
        let started = masters();
        assert_ne!(started, before);
        assert_eq!(example("sync_daemon_pair", &["master", "eth0"]), said);
        assert_eq!(masters(), started);

        let said = example("sync_daemon_pair", &["backup", "eth0"]);
        assert_eq!(said, format!("master {runs}\nbackup {runs}\n"));
        let shown = ipvsadm(&["-L", "--daemon"]);
        let daemons: Vec<_> = shown.lines().collect();
        let parameters = "(mcast=eth0, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)";
        let both = ["master", "backup"].map(|role| format!("{role} sync daemon {parameters}"));
        assert_eq!(daemons, both);
        assert_eq!(saved(), "");
    });
}

/// What no machine's own kernel may be put through.
mod own_kernel {
    use super::common::modules::Unloadable;
    use super::*;

    #[test]
    #[ignore = "needs the lab's kernel: cargo lab test"]
    fn a_health_checked_service_survives_the_absence_of_ipvs() {
        in_namespace(|| {
            own(&["198.51.100.7/32"]);
            let _server = listen(SERVERS[0]);
            let mut daemon = Running::start("health_checked_service", &[VIP, SERVERS[0]]);
            assert_eq!(daemon.line(), "198.51.100.7:8080: weight 1");
            daemon.signal(Signal::SIGSTOP);
            ipvsadm(&["-C"]);
            let kernel = Unloadable::new();
            daemon.signal(Signal::SIGCONT);
            let complaint = daemon.complaints.next().unwrap().unwrap();
            let unavailable = "error: IPVS is not in this kernel: load it with `modprobe ip_vs`";
            assert_eq!(complaint, unavailable);

            drop(kernel);
            assert_eq!(daemon.line(), "198.51.100.7:8080: weight 1");
            assert_eq!(daemon.ctrl_c(), Some(0));
            assert_eq!(saved(), "");
        });
    }
}
