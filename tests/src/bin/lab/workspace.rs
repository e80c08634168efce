//! The workspace that the lab belongs to: its folders and its programs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::interrupt::Owned;
use crate::progress::Step;

/// Where things are.
pub struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// The folder in it with the programs of this profile.
    pub programs: PathBuf,
    /// This program. A rebuild while it runs does not change its path.
    pub lab: PathBuf,
}

impl Workspace {
    /// Finds the workspace from the path of this program.
    pub fn find() -> Result<Self> {
        let lab = env::current_exe().context("cannot find this program's own file")?;
        let programs = lab.parent().map(Path::to_path_buf);
        let target = programs
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_path_buf);
        let (Some(programs), Some(target)) = (programs, target) else {
            bail!("{} is not in a target folder of cargo", lab.display());
        };
        // Cargo says where the package is now; at build time it may have been elsewhere.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
        let root = Path::new(&package)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        Ok(Self {
            root,
            target,
            programs,
            lab,
        })
    }

    /// The lab's own folder, with everything that it has unpacked.
    pub fn lab_folder(&self) -> PathBuf {
        self.target.join("lab")
    }

    /// `cargo program`, which builds ipvs-rs as it is released.
    pub fn cargo_program(&self) -> Command {
        let mut command = self.bare_cargo();
        // Arguments after the alias would go to the compiler.
        command
            .arg("program")
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_QUIET", "true");
        command
    }

    fn bare_cargo(&self) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, about this workspace, this target folder and this profile.
    pub fn cargo(&self, verb: &str) -> Command {
        let mut command = self.bare_cargo();
        command.arg(verb).arg("--target-dir").arg(&self.target);
        match self.programs.file_name().and_then(|name| name.to_str()) {
            None | Some("debug") => {}
            Some(profile) => {
                command.args(["--profile", profile]);
            }
        }
        command
    }

    /// Builds ipvs-rs and the examples.
    ///
    /// If there is no cargo, as inside the lab, the last build is used.
    pub fn build_programs(&self) -> Result<()> {
        let _step = Step::start("building ipvs-rs and the examples");
        let mut build = self.cargo("build");
        build.args(["--quiet", "--package", "ipvs-cli", "--bin", "ipvs-rs"]);
        build.args(["--package", "ipvs-examples", "--examples"]);
        match build.spawn() {
            Ok(child) => {
                if !Owned::child(child).wait()?.success() {
                    bail!("ipvs-rs could not be built");
                }
                Ok(())
            }
            Err(_) if self.programs.join("ipvs-rs").exists() => Ok(()),
            Err(error) => Err(error).context("cannot start cargo to build ipvs-rs"),
        }
    }
}
