//! What the file says about the host around IPVS: `[director]` and `[real-server]`.

use std::error::Error;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use lbnet::DeviceName;
use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny};

use super::director::DirectorSetUp;
use super::real_server::{RealServerSetUp, received};
use crate::typed::Forward;

/// A whole file; what is not about the host is for `restore`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HostsFile {
    director: Option<DirectorSection>,
    real_server: Option<RealServerSection>,
    #[serde(rename = "timeouts")]
    _timeouts: Option<IgnoredAny>,
    #[serde(rename = "service")]
    _services: Option<IgnoredAny>,
    #[serde(rename = "sync")]
    _sync: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectorSection {
    vips: Vec<DirectorSetUp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RealServerSection {
    vips: Vec<IpAddr>,
    device: DeviceName,
    #[serde(default, deserialize_with = "forward")]
    forward: Option<Forward>,
    local: Option<IpAddr>,
}

fn forward<'de, D: serde::Deserializer<'de>>(text: D) -> Result<Option<Forward>, D::Error> {
    let text = String::deserialize(text)?;
    received(&text).map(Some).map_err(D::Error::custom)
}

impl HostsFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let named = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{named}: {error}"))?;
        toml::from_str(&text).map_err(|error| {
            let (place, what) = place_and_words(&text, &error);
            format!("{named}, line {}: {what}", place + 1).into()
        })
    }

    /// The VIPs of `[director]`.
    pub(crate) fn directors(self, path: &Path) -> Result<Vec<DirectorSetUp>, Box<dyn Error>> {
        let section = self.director.ok_or_else(|| missing(path, "director"))?;
        Ok(section.vips)
    }

    /// The VIPs of `[real-server]`.
    pub(crate) fn real_servers(self, path: &Path) -> Result<Vec<RealServerSetUp>, Box<dyn Error>> {
        let section = self
            .real_server
            .ok_or_else(|| missing(path, "real-server"))?;
        let servers = section.vips.iter().map(|vip| RealServerSetUp {
            vip: *vip,
            device: section.device.clone(),
            forward: section.forward.unwrap_or(Forward::Direct),
            local: section.local,
        });
        Ok(servers.collect())
    }
}

fn missing(path: &Path, section: &str) -> String {
    format!("{} has no [{section}]", path.display())
}

/// In which line of a text an error is, counted from 0, and what it says, in one line.
pub(crate) fn place_and_words(text: &str, error: &toml::de::Error) -> (usize, String) {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.bytes().take(start);
    let place = before.filter(|byte| *byte == b'\n').count();
    (place, error.message().trim().replace('\n', ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<HostsFile, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn both_roles_can_stand_beside_the_services() {
        let text = r#"
            [timeouts]
            tcp = "15m"
            [[service]]
            tcp = "10.10.10.100:80"
            [director]
            vips = [
                { address = "10.10.10.100/24", device = "eth0", label = "eth0:0" },
                { address = "2001:db8::100", device = "eth0", forward = ["masquerade"] },
            ]
            [real-server]
            vips = ["10.10.10.100"]
            device = "eth0"
            forward = "gue,port=6080"
        "#;
        let path = Path::new("lb.toml");
        let directors = file(text).unwrap().directors(path).unwrap();
        assert_eq!(directors.len(), 2);
        assert_eq!(directors[0].label.as_deref(), Some("eth0:0"));
        let servers = file(text).unwrap().real_servers(path).unwrap();
        assert!(matches!(servers[0].forward, Forward::Tunnel(_)));
    }

    #[test]
    fn a_word_that_means_nothing_is_named() {
        for (text, word) in [
            ("[director]\nvips = []\nvip = 3", "vip"),
            (
                "[director]\nvips = [{ address = \"10.0.0.1\", dev = 3 }]",
                "dev",
            ),
            (
                "[real-server]\nvips = []\nforward = \"nat\"\ndevice = \"e\"",
                "masquerade",
            ),
            ("[directors]\n", "directors"),
        ] {
            let Err(error) = file(text) else {
                panic!("{text}")
            };
            assert!(error.message().contains(word), "{error}");
        }
    }

    #[test]
    fn a_section_that_is_missing_is_named() {
        let none = file("").unwrap().real_servers(Path::new("lb.toml"));
        assert_eq!(
            none.unwrap_err().to_string(),
            "lb.toml has no [real-server]"
        );
    }
}
