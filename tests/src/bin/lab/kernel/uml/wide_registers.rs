//! Lets User Mode Linux run on CPUs with more registers than it knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

const SOURCE: &str = include_str!("wide_registers.c");

/// The flag that Linux gives to a CPU with AMX, whose registers alone take 8 KB.
const AMX: &str = "amx_tile";

/// A library to be loaded in front of the kernel's own, made in `folder`; none if this CPU needs none.
pub(super) fn library(folder: &Path) -> Result<Option<PathBuf>> {
    let cpus = fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    if !has_wide_registers(&cpus) {
        return Ok(None);
    }
    let (source, library) = (folder.join("registers.c"), folder.join("registers.so"));
    fs::write(&source, SOURCE).with_context(|| format!("cannot write {}", source.display()))?;
    let compiled = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .stdin(Stdio::null())
        .output()
        .context(
            "this CPU has AMX, and User Mode Linux needs a library for that, but there is no cc",
        )?;
    if !compiled.status.success() {
        bail!(
            "cc cannot compile the library that User Mode Linux needs on a CPU with AMX:\n{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
    }
    Ok(Some(library))
}

fn has_wide_registers(cpus: &str) -> bool {
    let flags = cpus.lines().filter(|line| line.starts_with("flags"));
    flags
        .flat_map(str::split_whitespace)
        .any(|flag| flag == AMX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_with_amx_is_known_by_its_flags() {
        assert!(has_wide_registers(
            "model name\t: amx\nflags\t\t: fpu amx_bf16 amx_tile\n"
        ));
        assert!(!has_wide_registers(
            "model name\t: amx_tile\nflags\t\t: fpu avx512f\n"
        ));
    }
}
