//! Downloads Debian packages with apt, using separate state, cache and settings.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow};

use super::archives::Archives;
use crate::interrupt::Owned;
use crate::progress::Step;

/// Downloads `packages` and everything that they depend on, whatever the machine has installed.
pub(super) fn download(folder: &Path, packages: &[&str], step: &Step) -> Result<Archives> {
    let archives = folder.join("cache/archives");
    fs::create_dir_all(folder.join("lists/partial"))?;
    fs::create_dir_all(archives.join("partial"))?;
    // No package is installed, as far as this apt knows: all dependencies come along.
    fs::write(folder.join("status"), "")?;
    let settings = folder.join("apt.conf");
    fs::write(&settings, settings_for(folder))?;

    step.now("reading the package lists");
    // One source that cannot be reached must not stop the others: what counts is the download.
    let update = apt(&settings, &["update"], step)?;
    step.now("downloading packages");
    let mut install = vec![
        "install",
        "--yes",
        "--no-install-recommends",
        "--download-only",
    ];
    install.extend(packages);
    let download = apt(&settings, &install, step)?;
    if !download.success {
        return Err(anyhow!(
            "apt could not download {} (is there a network?)\n{}{}",
            packages.join(", "),
            update.errors,
            download.errors.trim_end()
        ));
    }
    Archives::in_folder(archives)
}

/// Read after the machine's own settings, so that its sources and proxies hold.
fn settings_for(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"// Written by the lab.
Dir::State "{folder}/";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache/";
// Nobody else uses this state: the lab holds a lock of its own.
Debug::NoLocking "true";
// As root, apt would download as a user that cannot write here.
APT::Sandbox::User "root";
APT::Status-Fd "1";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
// Hooks are about the machine's own packages.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
"#
    )
}

struct Outcome {
    success: bool,
    errors: String,
}

fn apt(settings: &Path, arguments: &[&str], step: &Step) -> Result<Outcome> {
    let mut apt = Command::new("apt-get");
    apt.arg("--config-file")
        .arg(settings)
        .args(["--quiet"])
        .args(arguments);
    apt.env("LC_ALL", "C")
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = apt.spawn().context(
        "cannot start apt-get, which the lab needs to download its programs (it comes with Debian and Ubuntu)",
    )?;
    let mut apt = Owned::child(child);
    let errors = apt.get().stderr.take();
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = errors.map(|mut errors| errors.read_to_string(&mut text));
        text
    });
    if let Some(status) = apt.get().stdout.take() {
        for line in BufReader::new(status).lines().map_while(Result::ok) {
            if let Some(progress) = progress_in(&line) {
                step.now(progress);
            }
        }
    }
    let success = apt.wait()?.success();
    Ok(Outcome {
        success,
        errors: errors.join().unwrap_or_default(),
    })
}

/// `dlstatus:1:12.3456:Retrieving file 3 of 105 (40s remaining)`.
fn progress_in(line: &str) -> Option<String> {
    let mut fields = line.strip_prefix("dlstatus:")?.splitn(3, ':').skip(1);
    let percent: f32 = fields.next()?.parse().ok()?;
    Some(format!(
        "downloading packages, {percent:.0} %: {}",
        fields.next()?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_apt_becomes_progress() {
        let line = "dlstatus:1:12.3456:Retrieving file 3 of 105 (40s remaining)";
        let progress = progress_in(line).unwrap();
        assert_eq!(
            progress,
            "downloading packages, 12 %: Retrieving file 3 of 105 (40s remaining)"
        );
        assert_eq!(progress_in("Reading package lists..."), None);
    }
}
