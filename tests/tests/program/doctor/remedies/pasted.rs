//! The commands at the end, pasted into a shell.

use super::super::traffic::served;
use super::super::{found, healthy, sh};
use super::site::Layout;

/// What somebody selects: the commands for each host, with its address; none for this host.
fn blocks(said: &str) -> Vec<(Option<&str>, &str)> {
    let blocks = said.split("\n# On ").skip(1);
    let blocks = blocks.filter_map(|block| {
        let (title, commands) = block.split_once('\n')?;
        let (host, _) = title.split_once(", in this order")?;
        let commands = commands.split_once("\n\n").map_or(commands, |(it, _)| it);
        Some(((host != "this host").then_some(host), commands))
    });
    blocks.collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn pasting_does_not_leave_one_of_several_faults() {
    let layout = Layout::MASQUERADED;
    let site = layout.build();
    let (client, director) = (site.host("client"), site.host("director"));
    sh(
        director,
        "ip address delete 10.10.10.100/24 dev eth0
         ip address add 10.10.10.100/24 dev lo
         ipvs-rs edit-service -t 10.10.10.100:80 -s none
         sysctl -w net.ipv4.ip_forward=0 net.ipv4.vs.conn_reuse_mode=0",
    );
    let said = found(director, "doctor");
    let blocks = blocks(&said);
    assert!(blocks.iter().all(|(host, _)| host.is_none()), "{said}");
    for (_, commands) in blocks {
        sh(director, commands);
    }
    healthy(director, "doctor");
    assert_eq!(served(client, &layout.at(80), 8), 8);
}
