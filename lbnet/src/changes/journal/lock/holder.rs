//! Who has the lock.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Returns the process that has locked the file, if the kernel shows it to this one.
///
/// # Kernel
/// `/proc/locks` has a line for each lock, such as `3: FLOCK ADVISORY WRITE 717 00:15:1042 0 EOF`. Who
/// waits has `->` after the first word. Processes outside this PID namespace are 0.
pub(super) fn of(path: &Path) -> Option<u32> {
    let inode = fs::symlink_metadata(path).ok()?.ino();
    holder(&fs::read_to_string("/proc/locks").ok()?, inode)
}

fn holder(locks: &str, inode: u64) -> Option<u32> {
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        let (process, file) = (words.nth(2)?, words.next()?);
        let number = file.rsplit(':').next()?;
        let is_it = kind == "FLOCK" && number.parse() == Ok(inode);
        is_it.then(|| process.parse().ok())?.filter(|pid| *pid > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_among_other_locks_and_those_who_wait() {
        let locks = "1: POSIX  ADVISORY  WRITE 700 00:15:1042 0 EOF\n\
            2: FLOCK  ADVISORY  WRITE 701 00:15:1041 0 EOF\n\
            3: FLOCK  ADVISORY  WRITE 717 00:15:1042 0 EOF\n\
            3: -> FLOCK  ADVISORY  WRITE 718 00:15:1042 0 EOF\n";
        assert_eq!(holder(locks, 1042), Some(717));
        assert_eq!(holder(locks, 7), None);
        assert_eq!(holder("1: FLOCK  ADVISORY  WRITE 0 00:15:7 0 EOF", 7), None);
        assert_eq!(holder("nonsense", 7), None);
    }
}
