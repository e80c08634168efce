//! Runs Debian's nginx and apache with the demo's configurations.

use std::fs::{self, File};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::hosts::{APACHE, CN, COM, NGINX};
use crate::netns::Netns;
use crate::site::Site;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running web server with all of its processes. It ends when this is dropped.
pub(super) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = i32::try_from(self.0.id()).map(|pid| killpg(Pid::from_raw(pid), Signal::SIGKILL));
        let _ = self.0.wait();
    }
}

/// Starts all web servers and waits until they answer.
pub(super) fn start_all(site: &Site) -> Vec<Server> {
    let apaches = APACHE.map(|(name, _)| start_apache(site.host(name)));
    let nginxes = NGINX.map(|(name, _)| start_nginx(site.host(name)));
    let began = Instant::now();
    for (name, address) in APACHE.into_iter().chain(NGINX) {
        let answers = || TcpStream::connect((address, 80)).is_ok();
        while !site.host(name).enter(answers) {
            assert!(
                began.elapsed() < PATIENCE,
                "{name} does not start: {}",
                log_of(name)
            );
            sleep(Duration::from_millis(100));
        }
    }
    apaches.into_iter().chain(nginxes).collect()
}

/// Adds the names of the sites to `/etc/hosts`, as the client's user would.
pub(super) fn publish_names(address: &str, names: &[&str]) {
    let line = format!("{address} {}\n", names.join(" "));
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    if !hosts.contains(&line) {
        let hosts = format!("{}\n{line}", hosts.trim_end());
        fs::write("/etc/hosts", hosts).expect("cannot write /etc/hosts");
    }
}

/// Starts an apache that answers with the name of its host, whichever site was requested.
fn start_apache(host: &Netns) -> Server {
    let name = host.name();
    let folder = folder_of(name);
    let documents = folder.join("documents");
    fs::create_dir_all(&documents).expect("cannot make apache's folder");
    fs::write(documents.join("index.html"), format!("{name}\n")).expect("cannot write a page");
    let configuration = format!(
        r#"ServerName {name}
ServerRoot "{folder}"
PidFile pid
ErrorLog log
Listen 80
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
User www-data
Group www-data
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
DocumentRoot "{documents}"
DirectoryIndex index.html
"#,
        folder = folder.display(),
        documents = documents.display(),
    );
    start(host, "apache2", &["-D", "FOREGROUND", "-f"], &configuration)
}

/// Starts an nginx that chooses the apaches by the requested name, and adds its own name in a header.
fn start_nginx(host: &Netns) -> Server {
    let name = host.name();
    let folder = folder_of(name).display().to_string();
    let [apache1, apache2, apache3] = APACHE.map(|(_, address)| address);
    let site = |site: &str, servers: &str| {
        format!(
            "
    upstream {site} {{ {servers} }}
    server {{
        listen 80;
        server_name {site};
        location / {{
            proxy_pass http://{site};
            proxy_set_header Host $host;
            add_header X-Served-By {name} always;
        }}
    }}
"
        )
    };
    let com = site(COM, &format!("server {apache1}; server {apache2};"));
    let cn = site(CN, &format!("server {apache3};"));
    let configuration = format!(
        "daemon off;
user www-data;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{com}{cn}}}
"
    );
    start(host, "nginx", &["-c"], &configuration)
}

/// Starts a server on a host, in a process group of its own.
fn start(host: &Netns, program: &str, arguments: &[&str], configuration: &str) -> Server {
    let folder = folder_of(host.name());
    fs::create_dir_all(&folder).expect("cannot make a server's folder");
    let file = folder.join("configuration");
    fs::write(&file, configuration).expect("cannot write a server's configuration");
    let log = File::create(folder.join("log")).expect("cannot make a server's log");
    let mut command = Command::new(program);
    command.args(arguments).arg(&file).process_group(0);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    match host.enter(|| command.spawn()) {
        Ok(child) => Server(child),
        Err(error) => panic!("cannot start {program} on {}: {error}", host.name()),
    }
}

fn folder_of(name: &str) -> PathBuf {
    Path::new("/run/demo").join(name)
}

fn log_of(name: &str) -> String {
    fs::read_to_string(folder_of(name).join("log")).unwrap_or_default()
}
