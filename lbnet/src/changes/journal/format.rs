//! The format of the journal's file, which is JSON.

use super::device::KnownDevice;
use crate::{
    Address, DeviceName, Error, GueListener, HostRoute, IpPrefix, JournalError, NewLink, SetUp,
    SetUpId, Sysctl, model::netns::NamespaceRecord,
};
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path};

/// The version of the format. It increases with every change of the format.
const VERSION: u32 = 4;

/// The oldest version that this crate reads. Version 2 has more kinds of changes than version 1.
/// Version 3 adds the set-ups themselves and the announcements that are due, version 4 those that
/// are to be repeated.
const OLDEST: u32 = 1;

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Document {
    version: u32,
    boot_id: String,
    namespace: NamespaceRecord,
    #[serde(flatten)]
    pub(crate) noted: Noted,
}

/// What a journal records about its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Noted {
    /// The set-ups of the host, in the order in which they were made. They include set-ups for
    /// which nothing had to be changed.
    #[serde(default)]
    pub(crate) set_ups: Vec<SetUp>,
    /// The set-ups whose VIP is new and has not been announced yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unannounced: Vec<SetUpId>,
    /// The set-ups whose VIP has been announced once and not as often as wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeating: Vec<SetUpId>,
    /// The devices of the set-ups. Journals of earlier versions do not have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) devices: Vec<KnownDevice>,
    pub(crate) entries: Vec<Entry>,
}

/// How far the announcement of a VIP has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No neighbour knows of the VIP yet.
    NotBegun,
    /// An earlier run sent the first announcement, but not all of the repeats.
    FirstIsOut,
}

/// The part of the file that every version has.
#[derive(Deserialize)]
struct Header {
    version: u32,
    boot_id: String,
}

/// A change, and the set-ups that need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) change: Change,
    pub(crate) users: Vec<SetUpId>,
}

/// An object that was added, or a setting that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Address(Address),
    Link(NewLink),
    Listener(GueListener),
    Route(HostRoute),
    Sysctl(SysctlChange),
}

/// The old and the new value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SysctlChange {
    pub(crate) key: Sysctl,
    pub(crate) before: i64,
    pub(crate) after: i64,
    /// The other settings that the kernel changes with this one, if writing the old value would not
    /// restore them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<SideEffect>,
}

/// A setting that the kernel changed when another one was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SideEffect {
    pub(crate) key: Sysctl,
    pub(crate) before: i64,
}

/// The object that a change is about. The journal has one entry for each object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Address(IpPrefix, DeviceName),
    Link(DeviceName),
    Listener(GueListener),
    Route(HostRoute),
    Sysctl(Sysctl),
}

/// Whether a journal describes the present boot and namespace.
#[derive(Debug)]
pub(crate) enum Verdict {
    AboutThis(Document),
    AboutThePast,
}

impl Document {
    pub(crate) fn new(boot_id: String, namespace: NamespaceRecord) -> Self {
        Self {
            version: VERSION,
            boot_id,
            namespace,
            noted: Noted::default(),
        }
    }

    /// Parses a journal. `here` is an empty journal of the present boot and namespace.
    pub(crate) fn read(text: &str, path: &Path, here: &Self) -> Result<Verdict, Error> {
        let damaged = |source: serde_json::Error| {
            Error::Journal(JournalError::Damaged {
                path: path.to_owned(),
                source: source.into(),
            })
        };
        let header: Header = serde_json::from_str(text).map_err(damaged)?;
        if header.boot_id != here.boot_id {
            return Ok(Verdict::AboutThePast);
        }
        if !(OLDEST..=VERSION).contains(&header.version) {
            return Err(Error::Journal(JournalError::Version {
                path: path.to_owned(),
                found: header.version,
                known: VERSION,
            }));
        }
        let mut document: Self = serde_json::from_str(text).map_err(damaged)?;
        document.version = VERSION;
        if document.namespace == here.namespace {
            Ok(Verdict::AboutThis(document))
        } else {
            Ok(Verdict::AboutThePast)
        }
    }
}

impl Noted {
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            set_ups,
            unannounced,
            repeating,
            devices: _,
            entries,
        } = self;
        set_ups.is_empty() && unannounced.is_empty() && repeating.is_empty() && entries.is_empty()
    }

    /// Returns whether there is anything about a set-up.
    pub(crate) fn knows(&self, id: &SetUpId) -> bool {
        let needs = |entry: &Entry| entry.users.contains(id);
        self.set_ups.iter().any(|set_up| set_up.is_about(id)) || self.entries.iter().any(needs)
    }

    /// Returns how far the announcement of a VIP has come, or `None` if it need not be announced.
    pub(crate) fn announcement_due(&self, id: &SetUpId) -> Option<Progress> {
        if self.unannounced.contains(id) {
            Some(Progress::NotBegun)
        } else if self.repeating.contains(id) {
            Some(Progress::FirstIsOut)
        } else {
            None
        }
    }

    /// Returns whether the VIP of a set-up must still be announced, or announced again.
    pub(crate) fn awaits_announcement(&self, id: &SetUpId) -> bool {
        self.announcement_due(id).is_some()
    }
}

impl Entry {
    pub(crate) fn add_user(&mut self, set_up: &SetUpId) {
        if !self.users.contains(set_up) {
            self.users.push(set_up.clone());
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(prefix, device) => write!(f, "{prefix} on {device}"),
            Self::Link(name) => write!(f, "the device {name}"),
            Self::Listener(listener) => write!(f, "{listener}"),
            Self::Route(route) => write!(f, "{route}"),
            Self::Sysctl(key) => write!(f, "{key}"),
        }
    }
}

impl Change {
    pub(crate) fn target(&self) -> Target {
        match self {
            Self::Address(address) => Target::Address(address.prefix, address.device.clone()),
            Self::Link(link) => Target::Link(link.name.clone()),
            Self::Listener(listener) => Target::Listener(*listener),
            Self::Route(route) => Target::Route(route.clone()),
            Self::Sysctl(change) => Target::Sysctl(change.key.clone()),
        }
    }

    /// Returns whether this is the target.
    pub(crate) fn is_about(&self, target: &Target) -> bool {
        match (self, target) {
            (Self::Address(address), Target::Address(prefix, device)) => {
                address.prefix == *prefix && address.device == *device
            }
            (Self::Link(link), Target::Link(name)) => link.name == *name,
            (Self::Listener(listener), Target::Listener(other)) => listener == other,
            (Self::Route(route), Target::Route(other)) => route == other,
            (Self::Sysctl(change), Target::Sysctl(key)) => change.key == *key,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConfTarget, Director, Ipv4Conf, NetnsId, Placement, RealServer, Role, Tunnel};

    fn namespace(cookie: Option<u64>) -> NamespaceRecord {
        NamespaceRecord {
            id: NetnsId {
                device: 4,
                inode: 4_026_531_840,
            },
            cookie,
        }
    }

    fn document() -> Document {
        let eth0: DeviceName = "eth0".parse().unwrap();
        let vip = "10.10.10.100".parse().unwrap();
        let set_up = SetUpId {
            role: Role::RealServer,
            vip,
            device: eth0.clone(),
        };
        let key = Sysctl::ipv4_conf(ConfTarget::Device(eth0), Ipv4Conf::ArpIgnore);
        let changes = [
            Change::Sysctl(SysctlChange {
                key,
                before: 0,
                after: 1,
                also: Vec::new(),
            }),
            Change::Address(Address::new(IpPrefix::host(vip), DeviceName::loopback())),
            Change::Route(HostRoute::new(vip, DeviceName::loopback())),
        ];
        let mut document = Document::new("a-boot".to_owned(), namespace(Some(7)));
        document.noted.entries = changes
            .map(|change| Entry {
                change,
                users: vec![set_up.clone()],
            })
            .into();
        document
    }

    fn here() -> Document {
        Document::new("a-boot".to_owned(), namespace(Some(7)))
    }

    fn read(text: &str, here: &Document) -> Result<Verdict, Error> {
        Document::read(
            text,
            Path::new("/run/ipvs-rs/netns-4-4026531840.json"),
            here,
        )
    }

    fn written() -> String {
        serde_json::to_string(&document()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let verdict = read(&written(), &here()).unwrap();
        assert!(matches!(verdict, Verdict::AboutThis(read) if read == document()));
    }

    #[test]
    fn what_earlier_versions_wrote_is_read() {
        // The format of version 2. Version 1 had fewer kinds of changes.
        let entries = r#"[{"change":{"address":{"prefix":"10.10.10.100/24","device":"eth0","scope":"global","preference":"source"}},
            "users":[{"role":"director","vip":"10.10.10.100","device":"eth0"}]}]"#;
        for version in [1, 2] {
            let text = format!(
                r#"{{"version":{version},"boot_id":"a-boot",
                "namespace":{{"id":{{"device":4,"inode":4026531840}},"cookie":7}},"entries":{entries}}}"#
            );
            let Verdict::AboutThis(read) = read(&text, &here()).unwrap() else {
                panic!("it is about this boot and namespace");
            };
            assert_eq!(read.version, VERSION);
            assert_eq!(read.noted.set_ups, []);
            assert_eq!(read.noted.unannounced, []);
            let [entry] = read.noted.entries.as_slice() else {
                panic!("{:?}", read.noted.entries);
            };
            assert!(matches!(entry.change, Change::Address(_)), "{entry:?}");
        }
    }

    #[test]
    fn set_ups_and_what_is_still_to_be_announced_come_back_as_they_were() {
        let eth0: DeviceName = "eth0".parse().unwrap();
        let director = Director::new("10.10.10.100/24".parse().unwrap(), eth0.clone());
        let tunnel = Tunnel::gue(6080.try_into().unwrap()).local("10.10.10.12".parse().unwrap());
        let set_ups = vec![
            SetUp::from(director.clone().label("eth0:0").masquerade()),
            SetUp::from(director.clone().placement(Placement::Route).unannounced()),
            SetUp::from(
                director
                    .gateway_on("eth1".parse().unwrap())
                    .track_connections()
                    .reschedule_clients(),
            ),
            SetUp::from(RealServer::new("10.10.10.100".parse().unwrap(), eth0).tunnel(tunnel)),
        ];
        let mut document = document();
        document.noted.unannounced = vec![set_ups[0].id()];
        document.noted.repeating = vec![set_ups[2].id()];
        document.noted.set_ups = set_ups;
        let text = serde_json::to_string(&document).unwrap();
        let verdict = read(&text, &here()).unwrap();
        assert!(
            matches!(verdict, Verdict::AboutThis(read) if read == document),
            "{text}"
        );
    }

    #[test]
    fn settings_are_written_by_the_names_that_people_know() {
        let change = r#"{"key":"net.ipv4.conf.eth0.arp_ignore","before":0,"after":1}"#;
        assert!(written().contains(change), "{}", written());
    }

    #[test]
    fn a_damaged_journal_is_never_taken_for_an_empty_one() {
        let text = written();
        for cut in [0, 1, text.len() / 2, text.len() - 1] {
            let error = read(&text[..cut], &here()).unwrap_err();
            assert!(
                matches!(error, Error::Journal(JournalError::Damaged { .. })),
                "{error}"
            );
        }
        let strange = text.replace("arp_ignore", "no_such_key");
        assert!(matches!(
            read(&strange, &here()),
            Err(Error::Journal(JournalError::Damaged { .. }))
        ));
    }

    #[test]
    fn another_version_is_refused_even_if_its_entries_look_different() {
        let text = r#"{"version": 5, "boot_id": "a-boot", "things": []}"#;
        let error = read(text, &here()).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Journal(JournalError::Version {
                    found: 5,
                    known: 4,
                    ..
                })
            ),
            "{error}"
        );
    }

    #[test]
    fn the_journal_of_another_boot_is_about_the_past_in_any_version() {
        let here = Document::new("another-boot".to_owned(), namespace(Some(7)));
        for text in [
            written(),
            r#"{"version": 5, "boot_id": "a-boot"}"#.to_owned(),
        ] {
            assert!(matches!(read(&text, &here), Ok(Verdict::AboutThePast)));
        }
    }

    #[test]
    fn the_journal_of_a_namespace_that_had_this_number_is_about_the_past() {
        let here = Document::new("a-boot".to_owned(), namespace(Some(8)));
        assert!(matches!(read(&written(), &here), Ok(Verdict::AboutThePast)));
    }
}
