//! Many VIPs: setting them up, checking them and taking them down, as whole processes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use ipvs_lab::process;
use tempfile::NamedTempFile;

use super::{Case, Unit, side};
use crate::children::time;

const MANY: usize = 300;

/// What a host takes for many VIPs, beside what it takes for one.
pub(super) fn of(role: Role) -> Case {
    let up = move |vips| in_namespace(role, vips, |file| run(role, "up", file));
    let down = move |vips| {
        in_namespace(role, vips, |file| {
            run(role, "up", file);
            run(role, "down", file)
        })
    };
    let doctor = move |vips| {
        in_namespace(role, vips, |file| {
            run(role, "up", file);
            time("sh", &["-c", &format!("{} || true", role.doctor())], None)
        })
    };
    Case {
        name: format!("{MANY} VIPs of a {}", role.command()),
        unit: Unit::Microseconds,
        per: 1,
        sides: vec![
            side("up, one VIP", move || up(1)),
            side("up", move || up(MANY)),
            side("doctor, one VIP", move || doctor(1)),
            side("doctor", move || doctor(MANY)),
            side("down", move || down(MANY)),
        ],
    }
}

/// What the host is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    Director,
    RealServer,
}

impl Role {
    fn command(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::RealServer => "real-server",
        }
    }

    fn doctor(self) -> String {
        format!("ipvs-rs doctor --{}", self.command())
    }

    fn file(self, vips: usize) -> String {
        let mut vips = (0..vips).fold(String::new(), |mut text, number| {
            let (high, low) = (number / 250, number % 250 + 1);
            match self {
                Self::Director => writeln!(
                    text,
                    "  {{ address = \"10.20.{high}.{low}/32\", device = \"eth0\" }},"
                ),
                Self::RealServer => writeln!(text, "  \"10.20.{high}.{low}\","),
            }
            .unwrap();
            text
        });
        vips.push_str("]\n");
        let device = match self {
            Self::Director => "",
            Self::RealServer => "device = \"eth0\"\n",
        };
        format!("[{}]\n{device}vips = [\n{vips}", self.command())
    }
}

/// The host has a device that is connected, and an address.
fn in_namespace(role: Role, vips: usize, measure: impl Fn(&str) -> Duration) -> Duration {
    process::run(
        "sh",
        &[
            "-ec",
            "ip link add eth0 type veth peer name cable
             ip link set cable up
             ip link set eth0 up
             ip address add 10.20.9.1/24 dev eth0",
        ],
    );
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(role.file(vips).as_bytes()).unwrap();
    measure(file.path().to_str().unwrap())
}

fn run(role: Role, verb: &str, file: &str) -> Duration {
    time("ipvs-rs", &[role.command(), verb, "--file", file], None)
}
