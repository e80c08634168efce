//! Other programs that look after the network of this machine.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use crate::Host;

/// Programs that give a VIP to one director or another.
const MOVERS: [&str; 5] = ["keepalived", "kube-vip", "pacemakerd", "ucarp", "vrrpd"];

/// Which programs look after what. Reads what they leave under `/run`; none is asked.
///
/// What they leave there is about the namespace of the machine; about others nothing is said.
#[derive(Debug, Default)]
pub(in crate::node::doctor) struct Managers {
    /// Where the files are, if they are about this host.
    run: Option<PathBuf>,
    /// The names of all processes, in whatever network namespace they work.
    processes: HashSet<String>,
}

/// How systemd-networkd looks after a device.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::node::doctor) struct Networkd {
    /// The file that it goes by, if it says so.
    pub(in crate::node::doctor) file: Option<PathBuf>,
}

impl Managers {
    pub(super) fn of(host: &Host) -> Self {
        let managers = Self::under(Path::new("/run"), Path::new("/proc"));
        if host.netns().is_initial() {
            managers
        } else {
            Self {
                run: None,
                ..managers
            }
        }
    }

    /// What is found under these folders.
    pub(in crate::node::doctor) fn under(run: &Path, proc: &Path) -> Self {
        let processes = fs::read_dir(proc).into_iter().flatten().flatten();
        let names =
            processes.filter_map(|process| fs::read_to_string(process.path().join("comm")).ok());
        Self {
            run: Some(run.to_owned()),
            processes: names.map(|name| name.trim_end().to_owned()).collect(),
        }
    }

    /// Whether NetworkManager looks after the device of this index.
    pub(in crate::node::doctor) fn network_manager_has(&self, index: u32) -> bool {
        let text = self.run_file(&format!("NetworkManager/devices/{index}"));
        text.is_some_and(|text| value(&text, "managed") == Some("true"))
    }

    /// How systemd-networkd looks after the device of this index, if it does so in a way that would
    /// remove what others added.
    pub(in crate::node::doctor) fn networkd_has(&self, index: u32) -> Option<Networkd> {
        let text = self.run_file(&format!("systemd/netif/links/{index}"))?;
        if value(&text, "ADMIN_STATE") != Some("configured") {
            return None;
        }
        let file = value(&text, "NETWORK_FILE").map(PathBuf::from);
        let more = value(&text, "NETWORK_FILE_DROPINS").unwrap_or_default();
        // Names with blanks are in quotes, which nobody has.
        let more = more.trim_matches('"').split_whitespace().map(PathBuf::from);
        let kept = file.iter().cloned().chain(more).any(|file| keeps(&file));
        (!kept).then_some(Networkd { file })
    }

    /// Whether a program of this name runs, and looks after this host.
    pub(in crate::node::doctor) fn runs(&self, program: &str) -> bool {
        self.run.is_some() && self.processes.contains(program)
    }

    /// Whether a program runs that may give a VIP of this host to another, and take it back. It may work
    /// in another network namespace than the one that it looks after.
    pub(in crate::node::doctor) fn move_vips(&self) -> bool {
        MOVERS.iter().any(|mover| self.processes.contains(*mover))
    }

    fn run_file(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.run.as_ref()?.join(path)).ok()
    }
}

/// The value of a line `key=value`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let mut values = lines.filter(|(name, _)| name.trim() == key);
    values.next_back().map(|(_, value)| value.trim())
}

/// Whether a file of systemd-networkd has it keep addresses that it did not add.
fn keeps(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    let kept = value(&text, "KeepConfiguration");
    kept.is_some_and(|kept| matches!(kept, "static" | "yes" | "true" | "on" | "1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(files: &[(&str, &str)]) -> (tempfile::TempDir, Managers) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let managers = Managers::under(&root.path().join("run"), &root.path().join("proc"));
        (root, managers)
    }

    #[test]
    fn network_manager_says_of_each_device_whether_it_has_it() {
        let (_root, managers) = planted(&[
            ("run/NetworkManager/devices/2", "[device]\nmanaged=true\n"),
            ("run/NetworkManager/devices/3", "[device]\nmanaged=false\n"),
        ]);
        assert!(managers.network_manager_has(2));
        assert!(!managers.network_manager_has(3) && !managers.network_manager_has(4));
    }

    #[test]
    fn networkd_removes_what_others_added_unless_it_is_told_to_keep_it() {
        let (root, managers) = planted(&[
            (
                "run/systemd/netif/links/2",
                "ADMIN_STATE=configured\nNETWORK_FILE=/nowhere/10-eth0.network\n",
            ),
            ("run/systemd/netif/links/3", "ADMIN_STATE=unmanaged\n"),
            ("eth2.network", "[Network]\nDHCP=yes\n"),
            ("keep.conf", "[Network]\nKeepConfiguration=static\n"),
        ]);
        let file = Some(PathBuf::from("/nowhere/10-eth0.network"));
        assert_eq!(managers.networkd_has(2), Some(Networkd { file }));
        assert_eq!(managers.networkd_has(3), None);
        assert_eq!(managers.networkd_has(9), None);
        let of_root = |name: &str| root.path().join(name).display().to_string();
        let state = format!(
            "ADMIN_STATE=configured\nNETWORK_FILE={}\nNETWORK_FILE_DROPINS=\"{}\"\n",
            of_root("eth2.network"),
            of_root("keep.conf")
        );
        fs::write(root.path().join("run/systemd/netif/links/4"), state).unwrap();
        assert_eq!(managers.networkd_has(4), None);
    }

    #[test]
    fn firewalld_is_known_by_its_name() {
        let (_root, managers) = planted(&[("proc/1/comm", "systemd\n")]);
        assert!(!managers.runs("firewalld"));
        let (_root, managers) = planted(&[("proc/612/comm", "firewalld\n")]);
        assert!(managers.runs("firewalld"));
    }

    #[test]
    fn a_program_that_moves_vips_counts_in_whatever_namespace_it_runs() {
        let (_root, mut managers) = planted(&[("proc/9/comm", "keepalived\n")]);
        assert!(managers.move_vips());
        managers.run = None;
        assert!(managers.move_vips() && !managers.runs("keepalived"));
    }

    #[test]
    fn in_another_namespace_nobody_is_looked_for() {
        let managers = Managers::default();
        assert!(!managers.network_manager_has(2) && !managers.runs("firewalld"));
        assert_eq!(managers.networkd_has(2), None);
    }
}
