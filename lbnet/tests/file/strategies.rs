//! Files that are right, and texts that nearly are.

use lbnet::{
    DeviceName, Director, File, GreChecksum, IpPrefix, Placement, RealServer, ServerPlacement,
    Tunnel,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::tables::any_table;

pub(crate) fn any_file() -> impl Strategy<Value = File> {
    let parts = (
        any_table(),
        vec(any_director(), 0..3),
        vec(any_real_server(), 0..4),
    );
    parts.prop_map(|(table, directors, real_servers)| {
        let mut file = File::new(table);
        file.directors = directors;
        file.real_servers = real_servers;
        file
    })
}

fn any_device() -> impl Strategy<Value = DeviceName> {
    select(vec!["eth0", "eth1", "bond0.7", "ü"]).prop_map(|name| name.parse().unwrap())
}

fn any_director() -> impl Strategy<Value = Director> {
    let placement = prop_oneof![
        Just(Placement::Device),
        Just(Placement::Loopback),
        Just(Placement::Route),
        any_device().prop_map(Placement::Dummy),
    ];
    let vip = (any::<std::net::IpAddr>(), 0..=32_u8)
        .prop_map(|(address, length)| IpPrefix::new(address, length).unwrap());
    let parts = (
        vip,
        any_device(),
        placement,
        option::of("\\PC{1,15}"),
        option::of(any_device()),
        any::<[bool; 3]>(),
    );
    parts.prop_map(|(vip, device, placement, label, gateway, options)| {
        let [masquerade, conntrack, unannounced] = options;
        let when = |wanted, change: fn(Director) -> Director, director| {
            if wanted { change(director) } else { director }
        };
        let mut director = Director::new(vip, device).placement(placement);
        if let Some(label) = label {
            director = director.label(label);
        }
        if let Some(gateway) = gateway {
            director = director.gateway_on(gateway);
        }
        director = when(masquerade, Director::masquerade, director);
        director = when(conntrack, Director::track_connections, director);
        when(unannounced, Director::unannounced, director)
    })
}

fn any_real_server() -> impl Strategy<Value = RealServer> {
    let tunnel = select(vec![
        Tunnel::ipip(),
        Tunnel::gue(6080.try_into().unwrap()),
        Tunnel::gre(GreChecksum::None),
        Tunnel::gre(GreChecksum::Full),
    ]);
    let tunnel =
        (tunnel, option::of(any::<std::net::IpAddr>())).prop_map(|(tunnel, local)| match local {
            Some(address) => tunnel.local(address),
            None => tunnel,
        });
    let place = select(vec![ServerPlacement::Loopback, ServerPlacement::Device]);
    let parts = (
        any::<std::net::IpAddr>(),
        any_device(),
        option::of(tunnel),
        place,
    );
    parts.prop_map(|(vip, device, tunnel, place)| {
        let server = RealServer::new(vip, device).placement(place);
        match tunnel {
            Some(tunnel) => server.tunnel(tunnel),
            None => server,
        }
    })
}

/// The text of a file with a few mistakes in it.
pub(crate) fn any_mutated_text() -> impl Strategy<Value = String> {
    (any_file(), vec(any_mistake(), 0..4)).prop_map(|(file, mistakes)| {
        let text = file.to_toml().unwrap();
        mistakes
            .iter()
            .fold(text, |text, mistake| mistake.made_in(&text))
    })
}

#[derive(Clone, Debug)]
enum Mistake {
    CutAt(Index),
    LineLost(Index),
    LineTwice(Index),
    LineElsewhere(Index, Index),
    Written(Index, String),
    InsteadOf(Index, char),
}

fn any_mistake() -> impl Strategy<Value = Mistake> {
    let place = any::<Index>;
    let texts = [
        "[",
        "]",
        "\"",
        "'",
        "#",
        " # a [comment]",
        "\n",
        "=",
        ".",
        ",",
        "{",
        "}",
        "-1",
        "\u{feff}",
        "[[service]]\n",
        "[director]\n",
        "[timeouts] # [x]\n",
        "\\u0073",
        "\0",
    ];
    prop_oneof![
        place().prop_map(Mistake::CutAt),
        place().prop_map(Mistake::LineLost),
        place().prop_map(Mistake::LineTwice),
        (place(), place()).prop_map(|(from, to)| Mistake::LineElsewhere(from, to)),
        (place(), select(texts.to_vec()))
            .prop_map(|(at, text)| Mistake::Written(at, text.to_owned())),
        (place(), any::<char>()).prop_map(|(at, other)| Mistake::InsteadOf(at, other)),
    ]
}

impl Mistake {
    fn made_in(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut characters: Vec<char> = text.chars().collect();
        if lines.is_empty() {
            return String::new();
        }
        match self {
            Self::CutAt(at) => characters.truncate(at.index(characters.len())),
            Self::Written(at, more) => {
                let at = at.index(characters.len());
                characters.splice(at..at, more.chars());
            }
            Self::InsteadOf(at, other) => {
                let at = at.index(characters.len());
                characters[at] = *other;
            }
            Self::LineLost(at) => {
                lines.remove(at.index(lines.len()));
                return lines.concat();
            }
            Self::LineTwice(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at]);
                return lines.concat();
            }
            Self::LineElsewhere(from, to) => {
                let line = lines.remove(from.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
                return lines.concat();
            }
        }
        characters.into_iter().collect()
    }
}
