//! Named network namespaces: the hosts of a site.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, setns};

use crate::namespace::on_a_thread;
use crate::process;

/// A named network namespace with `lo` up, as `ip netns add` makes it; deleted on drop.
#[derive(Debug)]
pub struct Netns {
    name: String,
}

impl Netns {
    /// Creates the namespace. Replaces one of the same name that a crashed test left behind.
    pub fn new(name: &str) -> Self {
        if path_of(name).exists() {
            process::run("ip", &["netns", "delete", name]);
        }
        process::run("ip", &["netns", "add", name]);
        let netns = Self {
            name: name.to_owned(),
        };
        netns.enter(|| process::run("ip", &["link", "set", "lo", "up"]));
        netns
    }

    /// The name, for `ip netns` and `ipvs-rs --netns`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file to open the namespace by.
    pub fn path(&self) -> PathBuf {
        path_of(&self.name)
    }

    /// Runs `work` in the namespace, on a new thread. Commands and sockets of that thread are in the
    /// namespace too. This is much faster than `ip netns exec`, which also mounts a sysfs.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let namespace = match File::open(self.path()) {
            Ok(file) => file,
            Err(error) => panic!("cannot open network namespace {}: {error}", self.name),
        };
        on_a_thread(|| {
            setns(namespace, CloneFlags::CLONE_NEWNET).expect("cannot enter a network namespace");
            work()
        })
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        // The test may already be panicking: a second panic would abort the program.
        let _ = process::output("ip", &["netns", "delete", &self.name]);
    }
}

fn path_of(name: &str) -> PathBuf {
    Path::new("/run/netns").join(name)
}
