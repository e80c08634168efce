//! `ip_vs` out of the kernel and in again.

use std::fs;
use std::path::Path;
use std::sync::Once;

use ipvs_lab::process;

use super::traffic::eventually;

/// Loads the two schedulers that must not be loaded by asking for them: the kernel can hang where a
/// namespace of another test goes away meanwhile. Once in each test program.
pub(crate) fn load_locality_based() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| {
        let modules = ["-a", "ip_vs_lblc", "ip_vs_lblcr"];
        let _ = process::output("modprobe", &modules);
    });
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
        let loaded = Path::new("/sys/module").join(module);
        let unloaded = eventually(|| process::output("rmmod", &[module]), |_| !loaded.exists());
        assert!(!loaded.exists(), "{}", unloaded.stderr);
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
