//! What a file says, wherever in it that stands.

use ipvs::{Destination, Endpoint, Service, Timeouts, VirtualServer};
use lbnet::{Director, File, Placement, ReadFileError, RealServer, Tunnel};

fn read(text: &str) -> File {
    File::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn web() -> VirtualServer {
    let service = Service::tcp("192.0.2.100:80".parse::<Endpoint>().unwrap());
    let server = Destination::new("192.0.2.12:80".parse::<Endpoint>().unwrap());
    VirtualServer::new(service, [server])
}

const WEB: &str = "[[service]]\ntcp = \"192.0.2.100:80\"\n\n\
                   [[service.destination]]\naddress = \"192.0.2.12:80\"\n";

fn a_day() -> Timeouts {
    Timeouts::default().tcp(std::time::Duration::from_secs(86_400))
}

#[test]
fn a_comment_with_brackets_behind_a_header_hides_no_timeouts() {
    let file = read("[timeouts] # the [old] ones\ntcp = \"1d\"\n");
    assert_eq!(file.table.timeouts, a_day());
}

#[test]
fn a_comment_with_brackets_behind_a_header_hides_no_sync_daemon() {
    let file = read("[[sync]] # [two]\nrole = \"backup\"\ninterface = \"eth0\"\n");
    assert_eq!(file.table.sync_daemons.len(), 1);
}

#[test]
fn a_comment_with_brackets_behind_a_header_hides_no_service_behind_a_director() {
    let director = "[director] # [this host]\nvips = []\n";
    let service = WEB.replace("[[service]]", "[[service]] # web [prod]");
    let file = read(&format!("{director}{service}"));
    assert_eq!(file.table.virtual_servers, [web()]);
}

#[test]
fn a_comment_with_brackets_behind_a_service_is_no_error() {
    let file = read(&WEB.replace("[[service]]", "[[service]] # web [prod]"));
    assert_eq!(file.table.virtual_servers, [web()]);
}

#[test]
fn toml_may_be_written_in_all_of_its_ways() {
    let expected = read(WEB).table;
    for text in [
        "service = [{ tcp = \"192.0.2.100:80\", destination = [{ address = \"192.0.2.12:80\" }] }]",
        "[[ service ]]\ntcp = '192.0.2.100:80'\n[[ 'service' . \"destination\" ]]\n\
         address = \"\"\"\n192.0.2.12:80\"\"\"\nweight = 0x1\n",
        "\u{feff}[[\"\\u0073ervice\"]]\r\ntcp = \"192.0.2.100:80\"\r\ndestination = [\r\n  # one\r\n  \
         { address = \"192.0.2.12:80\" },\r\n]\r\n",
    ] {
        assert_eq!(read(text).table, expected, "{text}");
    }
    let dotted = read("timeouts.tcp = \"1d\"\nsync = []\n");
    assert_eq!(dotted.table.timeouts, a_day());
}

#[test]
fn sections_may_stand_in_any_order() {
    let host = "[real-server]\nvips = [\"192.0.2.100\"]\ndevice = \"eth0\"\n\
                [director]\nvips = [{ address = \"192.0.2.100\", device = \"eth0\" }]\n";
    let timeouts = "[timeouts]\ntcp = \"1d\"\n";
    let one = read(&format!("{host}{WEB}{timeouts}"));
    let other = read(&format!("{timeouts}{WEB}{host}"));
    assert_eq!(one, other);
    assert_eq!((one.directors.len(), one.real_servers.len()), (1, 1));
}

#[test]
fn a_director_has_all_that_its_keys_say() {
    let file = read(
        r#"
        [director]
        vips = [
            { address = "192.0.2.100/24", device = "eth0", label = "eth0:0", forward = "direct" },
            { address = "2001:db8::100", device = "eth0", forward = ["tunnel", "masquerade"] },
            { address = "192.0.2.101", device = "eth0", place = "dummy:ipvs0", gateway = "eth1",
              conntrack = true, unannounced = true },
        ]
        "#,
    );
    let director = |vip: &str| Director::new(vip.parse().unwrap(), "eth0".parse().unwrap());
    let expected = [
        director("192.0.2.100/24").label("eth0:0"),
        director("2001:db8::100").masquerade(),
        director("192.0.2.101")
            .placement(Placement::Dummy("ipvs0".parse().unwrap()))
            .gateway_on("eth1".parse().unwrap())
            .track_connections()
            .unannounced(),
    ];
    assert_eq!(file.directors, expected);
}

#[test]
fn a_real_server_has_all_that_its_keys_say() {
    let file = read(
        r#"
        [real-server]
        vips = ["192.0.2.100", "2001:db8::100"]
        device = "eth0"
        forward = "gue,port=6080,remcsum"
        local = "192.0.2.12"
        "#,
    );
    let gue = Tunnel::gue(6080.try_into().unwrap()).local("192.0.2.12".parse().unwrap());
    let server = |vip: &str| RealServer::new(vip.parse().unwrap(), "eth0".parse().unwrap());
    let vips = ["192.0.2.100", "2001:db8::100"];
    assert_eq!(file.real_servers, vips.map(|vip| server(vip).tunnel(gue)));
}

#[test]
fn a_host_can_be_a_real_server_on_several_devices() {
    let file = read(
        "[[real-server]]\nvips = [\"192.0.2.100\"]\ndevice = \"eth0\"\n\
         [[real-server]]\nvips = [\"192.0.2.101\"]\ndevice = \"eth1\"\nforward = \"ipip\"\n",
    );
    let server =
        |vip: &str, device: &str| RealServer::new(vip.parse().unwrap(), device.parse().unwrap());
    let expected = [
        server("192.0.2.100", "eth0"),
        server("192.0.2.101", "eth1").tunnel(Tunnel::ipip()),
    ];
    assert_eq!(file.real_servers, expected);
    assert_eq!(read(&file.to_toml().unwrap()), file);
}

#[test]
fn nothing_at_all_is_a_file() {
    for text in ["", "# nothing\n"] {
        assert_eq!(read(text), File::default());
    }
    assert_eq!(File::default().to_toml().as_deref(), Ok(""));
}

#[test]
fn a_file_is_written_as_people_write_it() {
    let text = "[timeouts]\ntcp = \"1d\"\n\n[[service]]\ntcp = \"192.0.2.100:80\"\n\
                scheduler = \"wlc\"\n\n[[service.destination]]\naddress = \"192.0.2.12:80\"\n\
                forward = \"direct\"\nweight = 1\n\n[[director.vips]]\n\
                address = \"192.0.2.100/24\"\ndevice = \"eth0\"\nforward = \"masquerade\"\n\n\
                [real-server]\nvips = [\"192.0.2.100\"]\ndevice = \"eth0\"\n\
                forward = \"gre,csum\"\n";
    assert_eq!(read(text).to_toml().as_deref(), Ok(text));
}

#[test]
fn what_the_file_has_no_word_for_is_not_written() {
    let often = lbnet::Announcement::default().rounds(50.try_into().unwrap());
    let director = Director::new("192.0.2.100".parse().unwrap(), "eth0".parse().unwrap());
    let mut file = File::default();
    file.directors.push(director.announce(often));
    let error = file.to_toml().unwrap_err().to_string();
    assert!(error.contains("192.0.2.100"), "{error}");
}

#[test]
fn the_examples_in_the_documentation_are_files() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/file.md");
    let page = std::fs::read_to_string(page).unwrap();
    let examples = page.split("```toml\n").skip(1);
    let examples: Vec<_> = examples
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let whole = read(&examples.concat());
    assert!(!whole.table.virtual_servers.is_empty() && !whole.table.sync_daemons.is_empty());
    assert!(!whole.directors.is_empty() && !whole.real_servers.is_empty());
    assert_eq!(read(&whole.to_toml().unwrap()), whole);
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lb.toml");
    let missing = File::read(&path).unwrap_err();
    assert!(matches!(missing, ReadFileError::Unreadable { .. }));
    assert!(missing.to_string().contains("lb.toml"), "{missing}");

    std::fs::write(&path, "[timeouts]\nudp = 30\n").unwrap();
    let ReadFileError::Wrong { path: named, error } = File::read(&path).unwrap_err() else {
        panic!("it was read");
    };
    assert_eq!((named, error.line()), (path.clone(), 2));

    std::fs::write(&path, WEB).unwrap();
    assert_eq!(File::read(&path).unwrap().table.virtual_servers, [web()]);
}
