//! The console of a guest: what its kernel prints, kept apart from the output of programs there and
//! shown on failure.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::unistd::pipe2;

/// Enough for a kernel's last words with a stack trace.
const LINES: usize = 60;

/// Boot messages that are always there and mean nothing.
const NOISE: [&str; 14] = [
    "Core dump limits",
    "soft - ",
    "hard - ",
    "Checking ",
    "Adding ",
    "SELinux:",
    "mmapper_init",
    "Failed to initialize ubd device 0",
    "epollctl add err",
    "This architecture does not have kernel memory protection",
    "Linux version",
    "SeaBIOS",
    "iPXE",
    "Booting from ROM",
];

/// The last lines of a console.
#[derive(Clone)]
pub struct Console(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    closed: bool,
}

impl Console {
    /// A console, and the end of it that the guest prints to.
    pub fn new() -> io::Result<(Self, OwnedFd)> {
        // A pipe: QEMU opens its output by name, which a socket does not allow.
        let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
        let ours = File::from(ours);
        let console = Self(Arc::default());
        let kept = console.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(ours).split(b'\n').map_while(Result::ok) {
                kept.keep(&line);
            }
            kept.lock().closed = true;
        });
        Ok((console, theirs))
    }

    /// What is worth showing of the end.
    pub fn end(&self) -> String {
        // The guest is gone or stuck: what it printed arrives within moments.
        let patience = Instant::now() + Duration::from_secs(1);
        while !self.lock().closed && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        let kept = self.lock();
        if kept.lines.is_empty() {
            return "(its console is empty)".into();
        }
        let lines: Vec<String> = kept
            .lines
            .iter()
            .map(|line| format!("  | {line}"))
            .collect();
        format!("the end of its console:\n{}", lines.join("\n"))
    }

    fn keep(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if line.is_empty() || is_noise(line) {
            return;
        }
        let mut kept = self.lock();
        if kept.lines.len() == LINES {
            kept.lines.pop_front();
        }
        kept.lines.push_back(line.to_owned());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_noise(line: &str) -> bool {
    let text = line.trim_start();
    // "[    0.120000] text", where the kernel prints times.
    let text = match text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        Some((_, text)) => text,
        None => text,
    };
    NOISE.iter().any(|noise| text.starts_with(noise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_messages_are_noise_and_last_words_are_not() {
        assert!(is_noise("\tsoft - 0"));
        assert!(is_noise("[    0.010000] mmapper_init - find_iomem failed"));
        assert!(!is_noise(
            "[    3.1] Kernel panic - not syncing: sysrq triggered crash"
        ));
        assert!(!is_noise(
            "BUG: unable to handle kernel NULL pointer dereference"
        ));
    }

    #[test]
    fn only_the_end_is_kept() {
        let console = Console(Arc::default());
        for number in 0..LINES + 5 {
            console.keep(format!("line {number}\r").as_bytes());
        }
        console.lock().closed = true;
        let end = console.end();
        assert!(!end.contains("line 4\n"), "{end}");
        assert!(end.ends_with(&format!("| line {}", LINES + 4)), "{end}");
    }
}
