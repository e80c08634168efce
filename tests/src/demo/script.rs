//! What happens, in order.

use std::thread::sleep;
use std::time::Duration;

use super::hosts::{CN, COM, NGINX, VIP};
use super::requests::{Answers, ask};
use super::snapshot::Snapshot;
use super::stage::Stage;

/// The kernel sums its counters up every two seconds.
const ESTIMATION: Duration = Duration::from_millis(2500);

/// From nothing to nothing.
pub(super) fn play(stage: &mut Stage<'_>) {
    let before = Snapshot::of(stage.site());
    real_servers_up(stage);
    director_up(stage);
    if stage.has_failed() {
        // Without a VIP every request would only wait for its time limit.
        return;
    }
    balancing(stage);
    counters(stage);
    let favourite = persistence(stage);
    draining(stage, favourite);
    down(stage);
    nothing_left(stage, &before);
}

fn real_servers_up(stage: &mut Stage<'_>) {
    stage.scene("Both nginx hosts get the VIP without answering ARP for it: only the director may");
    for (host, _) in NGINX {
        stage.ipvs_rs(
            host,
            &["real-server", "up", "--vip", VIP, "--device", "eth0"],
        );
    }
}

fn director_up(stage: &mut Stage<'_>) {
    stage.scene("The director gets the service first, then the VIP, so no client is refused");
    stage.ipvs_rs("director", &["add-service", "-t", &service(), "-s", "rr"]);
    for (_, address) in NGINX {
        let server = format!("{address}:80");
        stage.ipvs_rs(
            "director",
            &["add-destination", "-t", &service(), "-r", &server, "-g"],
        );
    }
    let vip = format!("{VIP}/24");
    let up = [
        "director", "up", "--vip", &vip, "--device", "eth0", "--label", "eth0:0",
    ];
    stage.ipvs_rs("director", &up);
    let list = stage.ipvs_rs("director", &["list"]);
    let complete = NGINX.iter().all(|(_, address)| list.contains(address)) && list.contains(VIP);
    stage.expect(complete, "list shows the service and both nginx");
}

fn balancing(stage: &mut Stage<'_>) {
    stage.scene("The client requests both sites: the director balances, nginx looks at the name");
    let com = ask(stage, COM, 8);
    stage.expect(
        com.are_ok(),
        "every request for www.fehu.com gets status 200",
    );
    stage.expect(
        com.by_nginx("nginx1") == 4,
        "each nginx gets 4 of 8 requests for www.fehu.com",
    );
    stage.expect(
        com.by_apache("apache1") == 4,
        "apache1 answers half of the requests",
    );
    stage.expect(
        com.by_apache("apache2") == 4,
        "apache2 answers the other half",
    );
    let cn = ask(stage, CN, 8);
    stage.expect(cn.are_ok(), "every request for www.fehu.cn gets status 200");
    stage.expect(
        cn.by_nginx("nginx1") == 4,
        "each nginx gets 4 of 8 requests for www.fehu.cn",
    );
    stage.expect(
        cn.by_apache("apache3") == 8,
        "apache3 answers all requests for www.fehu.cn",
    );
}

fn counters(stage: &mut Stage<'_>) {
    stage.scene("The kernel's counters, and the connections that it tracks");
    sleep(ESTIMATION);
    let stats = stage.ipvs_rs("director", &["list", "--stats"]);
    let counted = stats
        .lines()
        .any(|line| line.contains(VIP) && line.contains(" 16 "));
    stage.expect(counted, "list --stats shows 16 connections to the service");
    let connections = stage.ipvs_rs("director", &["connections"]);
    let known = connections
        .lines()
        .filter(|line| line.contains("10.10.10.1:"))
        .count();
    stage.expect(known == 16, "connections shows the client's 16 connections");
}

/// The nginx that the client stays with.
fn persistence(stage: &mut Stage<'_>) -> (&'static str, &'static str) {
    stage.scene(
        "Persistence: a client stays with its server until 5 seconds after its last connection",
    );
    stage.ipvs_rs("director", &["edit-service", "-t", &service(), "-p", "5"]);
    let answers = ask(stage, COM, 8);
    stage.expect(
        answers.are_ok(),
        "every request of the persistent client gets an answer",
    );
    let favourite = |answers: &Answers| {
        NGINX
            .into_iter()
            .find(|(host, _)| answers.by_nginx(host) == answers.len())
    };
    let found = favourite(&answers);
    stage.expect(
        found.is_some(),
        "with persistence, one nginx answers all requests of a client",
    );
    found.unwrap_or(NGINX[0])
}

fn draining(stage: &mut Stage<'_>, (host, address): (&'static str, &'static str)) {
    stage.scene(&format!(
        "{host} is drained by hand: at weight 0 it gets no new connections"
    ));
    stage.say("Persistence goes first: it would still send its clients to a server at weight 0.");
    stage.ipvs_rs(
        "director",
        &["edit-service", "-t", &service(), "--no-persistence"],
    );
    let server = format!("{address}:80");
    let edit = [
        "edit-destination",
        "-t",
        &service(),
        "-r",
        &server,
        "-w",
        "0",
    ];
    stage.ipvs_rs("director", &edit);
    let answers = ask(stage, COM, 8);
    stage.expect(
        answers.are_ok(),
        "no request fails while one nginx is drained",
    );
    stage.expect(
        answers.by_nginx(host) == 0,
        "the drained nginx gets no new request",
    );
    stage.ipvs_rs("director", &["list"]);
}

fn down(stage: &mut Stage<'_>) {
    stage.scene("Everything is removed, in reverse order");
    let vip = format!("{VIP}/24");
    stage.ipvs_rs(
        "director",
        &["director", "down", "--vip", &vip, "--device", "eth0"],
    );
    stage.ipvs_rs("director", &["delete-service", "-t", &service()]);
    for (host, _) in NGINX {
        stage.ipvs_rs(
            host,
            &["real-server", "down", "--vip", VIP, "--device", "eth0"],
        );
    }
}

fn nothing_left(stage: &mut Stage<'_>, before: &Snapshot) {
    stage.scene("Nothing is left: no rule, no VIP, no route, every sysctl as before");
    let list = stage.ipvs_rs("director", &["list"]);
    stage.expect(!list.contains(VIP), "list is empty in the end");
    for host in ["director", "nginx1", "nginx2"] {
        let addresses = stage.command(host, "ip", &["-brief", "address"]);
        stage.expect(
            !addresses.contains(VIP),
            &format!("the VIP is gone from {host}"),
        );
    }
    let after = Snapshot::of(stage.site());
    let differences = before.differences(&after);
    for difference in &differences {
        stage.say(difference);
    }
    let (hosts, facts) = after.size();
    stage.say(&format!(
        "{facts} addresses, routes and sysctls compared on {hosts} hosts"
    ));
    stage.expect(
        differences.is_empty(),
        "addresses, routes and sysctls of every host are as before",
    );
}

fn service() -> String {
    format!("{VIP}:80")
}
