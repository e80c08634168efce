//! Containers: with settings that cannot be written, of another user, or made anew.

use super::row::{Meanwhile, PLAIN, Row, rows};
use super::way::{DIRECT4, DIRECT6, TUNNEL4};

/// Starts a program with settings that it cannot write.
const READ_ONLY: &str = "unshare -m sh -c 'mount --bind /proc/sys /proc/sys
    mount -o remount,bind,ro /proc/sys
    exec \"$@\"' --";

const SERVER: Row = Row {
    within: READ_ONLY,
    ways: &[DIRECT6],
    refused: &[
        (DIRECT4, "net.ipv4.conf.eth0.arp_ignore"),
        (DIRECT4, "net.ipv4.conf.eth0.arp_announce"),
        (TUNNEL4, "net.ipv4.conf.eth0.arp_announce"),
    ],
    ..PLAIN
};

/// What the settings are is given when the container is started.
const PREPARED_SERVER: Row = Row {
    section: "A container with read-only settings",
    make: "sysctl -q -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2",
    within: READ_ONLY,
    ways: &[DIRECT4, DIRECT6],
    ..PLAIN
};

const DIRECTOR: Row = Row {
    within: READ_ONLY,
    ways: &[DIRECT6],
    refused: &[
        (DIRECT4, "net.ipv4.conf.all.send_redirects"),
        (DIRECT4, "net.ipv4.conf.eth0.send_redirects"),
    ],
    ..PLAIN
};

const PREPARED_DIRECTOR: Row = Row {
    section: "A container with read-only settings",
    make: "sysctl -q -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
    within: READ_ONLY,
    ..PLAIN
};

/// A container of a user who is root in it alone.
const ROOTLESS: Row = Row {
    section: "A rootless container",
    make: "unshare -U -r -n sleep 1000 >/dev/null 2>&1 &
           container=$!
           own=$(readlink /proc/self/ns/net)
           while [ $(readlink /proc/$container/ns/net) = $own ]; do sleep 0.1; done
           ip link set eth0 netns $container
           echo $container > /run/$me.pid
           mount --bind /proc/$container/ns/net /run/netns/$me
           ip netns exec $me ip link set lo up
           ip netns exec $me ip link set eth0 addrgenmode none
           address() { ip -n $me link set eth0 up; ip -n $me address add $1 dev eth0 nodad; }
           address 10.10.10.$number/24
           address fd00::$number/64
           address fe80::$number/64
           ip -n $me route add default via 10.10.10.254
           ip -n $me -6 route add default via fd00::254",
    within: "nsenter --user=/proc/$(cat /run/$me.pid)/ns/user --preserve-credentials --",
    ..PLAIN
};

/// What `up` has recorded is lost, and settings are given when the container is started.
const FORGET: &str = "rm /run/ipvs-rs/netns-*-$(stat --dereference --format %i /run/netns/$me).*";

const SERVER_MADE_ANEW: Row = Row {
    section: "A container that is made anew",
    make: PREPARED_SERVER.make,
    ways: &[DIRECT4, DIRECT6],
    meanwhile: Meanwhile::UpAgain(FORGET),
    ..PLAIN
};

const FORGOTTEN_SERVER: Row = Row {
    meanwhile: Meanwhile::Forgotten(FORGET),
    ..SERVER_MADE_ANEW
};

const DIRECTOR_MADE_ANEW: Row = Row {
    section: "A container that is made anew",
    make: PREPARED_DIRECTOR.make,
    meanwhile: Meanwhile::UpAgain(FORGET),
    ..PLAIN
};

const FORGOTTEN_DIRECTOR: Row = Row {
    meanwhile: Meanwhile::Forgotten(FORGET),
    ..DIRECTOR_MADE_ANEW
};

rows! {
    a_director_that_cannot_write_settings_names_all_of_them: Director DIRECTOR;
    a_director_whose_container_has_the_settings_serves: Director PREPARED_DIRECTOR;
    a_real_server_that_cannot_write_settings_names_all_of_them: RealServer SERVER;
    a_real_server_whose_container_has_the_settings_serves: RealServer PREPARED_SERVER;
    a_real_server_without_a_root_of_the_host_serves: RealServer ROOTLESS;
    a_director_whose_journal_is_lost_is_taken_back_by_up: Director DIRECTOR_MADE_ANEW;
    a_director_whose_journal_is_lost_is_undone: Director FORGOTTEN_DIRECTOR;
    a_real_server_whose_journal_is_lost_is_taken_back_by_up: RealServer SERVER_MADE_ANEW;
    a_real_server_whose_journal_is_lost_is_undone: RealServer FORGOTTEN_SERVER;
}
