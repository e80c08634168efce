//! All that a set-up could change on a host, as text.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use crate::{netns::Netns, process};

/// The devices, addresses, routes, rules, GUE listeners and settings of a host, line by line.
pub fn dump(netns: &Netns) -> Vec<String> {
    let mut dump = String::new();
    netns.enter(|| {
        // Routes and listeners of IPv6 are among these. There is no fou before its module is
        // loaded, and then ip ends: it comes last.
        let tables = "link\naddress\nroute show table all\nrule\n-6 rule\nfou show\n";
        let one_program = ["-details", "-force", "-batch", "-"];
        dump += &process::output_with_input("ip", &one_program, tables).stdout;
        for file in settings() {
            let value = setting(&file);
            writeln!(dump, "{} = {}", file.display(), value.trim_ascii_end())
                .expect("text can be written to a string");
        }
    });
    dump.lines().map(str::to_owned).collect()
}

/// Panics with what is different.
#[track_caller]
pub fn assert_same(before: &[String], after: &[String]) {
    assert_eq!(differences(before, after), None);
}

/// What has gone, what is new, and whether the rest is in another order; none if all is the same.
pub fn differences(before: &[String], after: &[String]) -> Option<String> {
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    if !gone.is_empty() || !new.is_empty() {
        return Some(format!("gone: {gone:#?}, new: {new:#?}"));
    }
    (before != after).then(|| "the order has changed".to_owned())
}

/// The files of all settings that could have anything to do with VIPs.
fn settings() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for tree in ["ipv4/conf", "ipv4/neigh", "ipv6/conf"] {
        files.extend(
            inside(&Path::new("/proc/sys/net").join(tree))
                .iter()
                .flat_map(|device| inside(device)),
        );
    }
    files.extend(
        [
            "/proc/sys/net/ipv4/ip_forward",
            "/proc/sys/net/ipv4/vs/conntrack",
        ]
        .map(Into::into),
    );
    files.sort();
    files
}

/// What a folder holds; nothing if it is not there, as with a kernel without IPv6.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// What a file of the kernel's says; they are short, and there are hundreds. Nothing if it cannot
/// be read, as one that nobody has written yet.
fn setting(file: &Path) -> String {
    let mut value = [0; 256];
    let read = File::open(file).and_then(|mut file| file.read(&mut value));
    let value = value.get(..read.unwrap_or_default()).unwrap_or_default();
    String::from_utf8_lossy(value).into_owned()
}
