//! Files that a person wrote, brought up to date.

use ipvs::{Destination, Endpoint, Scheduler, Service, Timeouts, VirtualServer};
use lbnet::{Director, File, RealServer, SetUp, UpdateFileError, Updated};
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use crate::strategies::any_file;

const BY_HAND: &str = r#"# Load balancer of the shop. Ask Ann before you change it.

# the web site
[[service]]
tcp = "192.0.2.100:80"       # the VIP
scheduler = "rr"
persistence = { timeout = "300" } # five minutes

# the old machine
[[service.destination]]
address = "192.0.2.12:80"

[[service.destination]]
address = "192.0.2.13:80"
weight = 3                   # twice as fast

# names
[[service]]
udp = "192.0.2.100:53"

[director]
# not announced: keepalived does it
vips = [{ address = "192.0.2.100/24", device = "eth0", unannounced = true }]
"#;

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

/// What becomes of the text when the kernel has something else.
fn updated(change: impl FnOnce(&mut File)) -> String {
    let mut file = File::parse(BY_HAND).unwrap();
    change(&mut file);
    file.updated(BY_HAND).unwrap()
}

fn web(file: &mut File) -> &mut VirtualServer {
    let mut servers = file.table.virtual_servers.iter_mut();
    let is_web = |server: &VirtualServer| server.service.id.to_string() == "tcp:192.0.2.100:80";
    servers.find(|server| is_web(server)).unwrap()
}

#[test]
fn nothing_changes_where_nothing_changed() {
    assert_eq!(updated(|_| {}), BY_HAND);
    let without_host = |file: &mut File| file.directors.clear();
    assert_eq!(updated(without_host), BY_HAND, "a set-up may be down now");
}

#[test]
fn a_change_keeps_comments_order_and_what_is_said_by_default() {
    let text = updated(|file| {
        web(file).destinations[1].weight = 5;
        web(file).service.scheduler = Scheduler::SOURCE_HASHING;
    });
    assert_eq!(
        text,
        BY_HAND
            .replace("weight = 3 ", "weight = 5 ")
            .replace("\"rr\"", "\"sh\"")
    );
    let text = updated(|file| web(file).destinations[0].weight = 0);
    let address = "address = \"192.0.2.12:80\"\n";
    assert_eq!(
        text,
        BY_HAND.replace(address, &format!("{address}weight = 0\n"))
    );
}

#[test]
fn what_is_new_comes_behind_its_like() {
    let text = updated(|file| {
        let server = Destination::new(endpoint("192.0.2.14:80"));
        web(file).destinations.push(server);
    });
    let last = "weight = 3                   # twice as fast\n";
    let added = "\n[[service.destination]]\naddress = \"192.0.2.14:80\"\nforward = \"direct\"\nweight = 1\n";
    assert_eq!(text, BY_HAND.replace(last, &format!("{last}{added}")));

    let text = updated(|file| {
        let service = Service::tcp(endpoint("192.0.2.101:80"));
        let servers = &mut file.table.virtual_servers;
        servers.push(VirtualServer::new(service, []));
        servers.sort_by_key(|server| server.service.id);
    });
    let last = "udp = \"192.0.2.100:53\"\n";
    let added = "\n[[service]]\ntcp = \"192.0.2.101:80\"\nscheduler = \"wlc\"\n";
    assert_eq!(text, BY_HAND.replace(last, &format!("{last}{added}")));

    let text = updated(|file| {
        file.table.timeouts = Timeouts::default().udp(Duration::from_secs(30));
    });
    assert!(text.starts_with(&BY_HAND[..60]), "{text}");
    assert!(text.contains("\n[timeouts]\nudp = \"30s\"\n"), "{text}");
}

#[test]
fn what_is_removed_takes_its_own_comment_along_and_no_other() {
    let text = updated(|file| {
        let servers = &mut file.table.virtual_servers;
        servers.retain(|server| server.service.id.to_string() != "tcp:192.0.2.100:80");
    });
    let head = "# Load balancer of the shop. Ask Ann before you change it.\n\n";
    let rest = BY_HAND.find("# names").unwrap();
    assert_eq!(
        text.replace("\n\n\n", "\n\n"),
        format!("{head}{}", &BY_HAND[rest..])
    );

    let text = updated(|file| {
        web(file).destinations.remove(0);
    });
    assert!(!text.contains("192.0.2.12"), "{text}");
    assert!(!text.contains("# the old machine"), "{text}");
    assert!(text.contains("weight = 3                   # twice as fast\n"));
}

#[test]
fn set_ups_of_the_host_are_added_and_none_is_lost() {
    let server = || RealServer::new("192.0.2.200".parse().unwrap(), "eth1".parse().unwrap());
    let text = updated(|file| {
        file.directors.clear();
        file.add_set_ups([SetUp::from(server())]);
    });
    let read = File::parse(&text).unwrap();
    assert_eq!(read.directors.len(), 1, "{text}");
    assert_eq!(read.real_servers, [server()]);
    assert!(text.starts_with(BY_HAND), "{text}");

    let changed = Director::new("192.0.2.100/24".parse().unwrap(), "eth0".parse().unwrap());
    let text = updated(|file| file.directors = vec![changed.clone()]);
    assert_eq!(File::parse(&text).unwrap().directors, [changed]);
    assert!(text.starts_with(&BY_HAND[..BY_HAND.find("[director]").unwrap()]));
}

#[test]
fn a_text_that_is_wrong_or_has_another_form_is_left_alone() {
    let file = File::parse(BY_HAND).unwrap();
    let wrong = file.updated("[[service]]\ntcp = 7\n").unwrap_err();
    assert!(matches!(wrong, UpdateFileError::Wrong(_)), "{wrong}");
    let inline = "service = [{ tcp = \"192.0.2.1:80\" }]\n";
    let form = file.updated(inline).unwrap_err();
    assert!(matches!(form, UpdateFileError::Form), "{form}");
    let same = File::parse(inline).unwrap();
    assert_eq!(same.updated(inline).unwrap(), inline);
}

#[test]
fn a_file_keeps_its_permissions_and_no_draft_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lb.toml");
    let mut file = File::parse(BY_HAND).unwrap();
    assert_eq!(file.update_at(&path).unwrap(), Updated::Created);
    assert_eq!(File::read(&path).unwrap(), file);

    fs::write(&path, BY_HAND).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(file.update_at(&path).unwrap(), Updated::UpToDate);
    web(&mut file).destinations[1].weight = 5;
    assert_eq!(file.update_at(&path).unwrap(), Updated::Changed);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, BY_HAND.replace("weight = 3", "weight = 5"));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn no_link_is_followed_and_none_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target.toml");
    let link = folder.path().join("lb.toml");
    fs::write(&target, "[timeouts]\nudp = \"1s\"\n").unwrap();
    symlink(&target, &link).unwrap();
    let file = File::parse(BY_HAND).unwrap();
    let error = file.update_at(&link).unwrap_err();
    assert!(matches!(error, UpdateFileError::Link(_)), "{error}");
    let error = file.update_at(folder.path()).unwrap_err();
    assert!(matches!(error, UpdateFileError::NotAFile(_)), "{error}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(&target).unwrap(),
        "[timeouts]\nudp = \"1s\"\n"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

proptest! {
    #[test]
    fn any_file_becomes_any_other(before in any_file(), wanted in any_file()) {
        let text = before.to_toml().unwrap();
        prop_assert_eq!(before.updated(&text).unwrap(), text.clone());
        let commented = format!("# by hand\n\n{text}\n# the end\n");
        let updated = wanted.updated(&commented).unwrap();
        let read = File::parse(&updated).unwrap();
        prop_assert_eq!(read.table, wanted.table, "{}", updated);
        prop_assert!(updated.contains("# by hand\n"), "{}", updated);
        prop_assert!(updated.contains("# the end\n"), "{}", updated);
    }
}
