//! `ip_vs` out of the kernel and in again.

use std::fs;
use std::path::Path;

use ipvs_lab::process;

use super::traffic::eventually;

/// Loads the two schedulers that the kernel must not load on demand: it can hang if the namespace of
/// another test goes away meanwhile.
pub(crate) fn load_locality_based() {
    let modules = ["ip_vs_lblc", "ip_vs_lblcr"];
    // Tests that unload ip_vs take these along.
    if modules.iter().all(|module| is_loaded(module)) {
        return;
    }
    let _ = process::output("modprobe", &[&["-a"], &modules[..]].concat());
}

fn is_loaded(module: &str) -> bool {
    Path::new("/sys/module").join(module).exists()
}

/// What the kernel runs to load a module.
const LOADER: &str = "/proc/sys/kernel/modprobe";

/// The kernel without a module, and unable to load it. As it was when this is dropped.
pub(crate) struct Unloadable {
    loader: String,
    module: &'static str,
}

impl Unloadable {
    /// Without `ip_vs`.
    pub(crate) fn new() -> Self {
        let kernel = Self::unable_to_load("ip_vs");
        unload();
        kernel
    }

    /// Without a module that no other needs.
    pub(crate) fn without(module: &'static str) -> Self {
        let kernel = Self::unable_to_load(module);
        let unloaded = eventually(
            || process::output("rmmod", &[module]),
            |_| !is_loaded(module),
        );
        assert!(!is_loaded(module), "{}", unloaded.stderr);
        kernel
    }

    fn unable_to_load(module: &'static str) -> Self {
        assert_own_kernel();
        let loader = fs::read_to_string(LOADER).unwrap();
        fs::write(LOADER, "/bin/false").unwrap();
        Self { loader, module }
    }
}

impl Drop for Unloadable {
    fn drop(&mut self) {
        let _ = fs::write(LOADER, &self.loader);
        let _ = process::output("modprobe", &[self.module]);
    }
}

/// Takes `ip_vs` out. Namespaces of tests that are over hold it for a moment more.
///
/// # Panics
///
/// On a kernel that the lab did not boot: a machine may be balancing with it.
pub(crate) fn unload() {
    assert_own_kernel();
    let unloaded = eventually(
        || {
            let modules = fs::read_to_string("/proc/modules").unwrap();
            let names = modules.lines().filter_map(|line| line.split(' ').next());
            let parts: Vec<_> = names.filter(|name| name.starts_with("ip_vs_")).collect();
            process::output("rmmod", &[&parts[..], &["ip_vs"]].concat())
        },
        |_| !Path::new("/proc/thread-self/net/ip_vs").exists(),
    );
    assert!(
        !Path::new("/proc/thread-self/net/ip_vs").exists(),
        "{}",
        unloaded.stderr
    );
}

fn assert_own_kernel() {
    // What the kernel that was booted told its first process.
    let environment = fs::read("/proc/1/environ").unwrap();
    let mut words = environment.split(|byte| *byte == 0);
    let is_own = words.any(|word| word.starts_with(b"lab_kernel="));
    assert!(
        is_own,
        "it would take ip_vs from this machine: only on a kernel that the lab boots"
    );
}
