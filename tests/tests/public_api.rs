//! The public API of the libraries, kept as text in `public_api/`, so that a change of it can be
//! reviewed.
//!
//! `SNAPSHOTS=overwrite cargo test -p ipvs-lab --test public_api` writes the files anew.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use public_api::MINIMUM_NIGHTLY_RUST_VERSION;
use snapbox::Data;

static IPVS: LazyLock<String> = LazyLock::new(|| public_api("ipvs-rs", "ipvs"));

/// An item a line, with every feature.
fn public_api(package: &str, library: &str) -> String {
    let builder = public_api::Builder::from_rustdoc_json(rustdoc(package, library));
    let api = builder
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .sorted(true)
        .build();
    match api {
        Ok(api) => api.to_string(),
        Err(error) => panic!(
            "{error}\nThis reads what rustdoc of Rust 1.95 writes, or of nightly from \
             {MINIMUM_NIGHTLY_RUST_VERSION} on. With another toolchain, change the version of \
             `public-api` in Cargo.toml."
        ),
    }
}

/// What rustdoc knows of a library, as JSON. Not stable, so that a stable toolchain must be told to
/// write it; in a folder of its own, as that makes cargo compile everything anew.
fn rustdoc(package: &str, library: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public_api");
    let written = Command::new(env!("CARGO"))
        .args([
            "rustdoc",
            "--quiet",
            "--lib",
            "--all-features",
            "--package",
            package,
        ])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTDOCFLAGS")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&written.stderr);
    assert!(written.status.success(), "{said}");
    target.join("doc").join(library).with_extension("json")
}

#[track_caller]
fn assert_is_as_reviewed(library: &str, api: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public_api");
    let page = Data::read_from(&page.join(library).with_extension("txt"), None);
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(api, page.raw());
}

#[test]
fn the_public_api_of_ipvs_sys_is_as_reviewed() {
    assert_is_as_reviewed("ipvs-sys", &public_api("ipvs-sys", "ipvs_sys"));
}

#[test]
fn the_public_api_of_ipvs_is_as_reviewed() {
    assert_is_as_reviewed("ipvs", &IPVS);
}

#[test]
fn the_public_api_of_lbnet_is_as_reviewed() {
    assert_is_as_reviewed("lbnet", &public_api("lbnet", "lbnet"));
}

/// The names of what can be called on a client.
fn methods(client: &str) -> BTreeSet<&'static str> {
    let methods = IPVS.lines().filter_map(|line| {
        let (_, method) = line.split_once(client)?;
        let is_function = line.starts_with("pub fn ") || line.starts_with("pub async fn ");
        is_function.then_some(method)
    });
    methods
        .filter_map(|method| method.split(['(', '<']).next())
        .collect()
}

#[test]
fn the_client_for_tasks_has_the_methods_of_the_other() {
    let mut blocking = methods(" ipvs::Client::");
    let of_tasks = methods(" ipvs::asynchronous::Client::");
    assert!(blocking.contains("add_service"), "{blocking:?}");
    // Its way over something else is `From<ipvs::Client>`.
    blocking.remove("over");
    let missing: Vec<_> = blocking.difference(&of_tasks).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
