//! Waits for udev, which writes settings of new devices.

use std::{path::PathBuf, time::Duration};

use tokio::time::sleep;

use crate::{Host, Link};

/// The directory of udev's files, and how long to wait for udev.
struct Udev {
    run: PathBuf,
    pauses: u32,
}

const PAUSE: Duration = Duration::from_millis(20);

/// The number of pauses, which add up to half a second. This is the limit until udev starts with a
/// device, and again until it has finished.
const PAUSES: u32 = 25;

/// Waits until udev, if it runs here, has finished with a device that was just added.
///
/// The rules of udev run `systemd-sysctl` for each new device, which writes the settings that files
/// define for all devices. Most distributions define `net.ipv4.conf.*.rp_filter` this way. Values
/// that were written before are lost.
pub(super) async fn settle(host: &Host, link: &Link) {
    // udev knows only devices of the machine's own namespace.
    if host.netns().is_initial() {
        let udev = Udev {
            run: "/run/udev".into(),
            pauses: PAUSES,
        };
        udev.settle(link.index).await;
    }
}

impl Udev {
    async fn settle(&self, index: u32) {
        if !self.run.join("control").exists() {
            return;
        }
        let known = self.run.join(format!("data/n{index}"));
        self.wait_until(|| known.exists()).await;
        let queue = self.run.join("queue");
        self.wait_until(|| !queue.exists()).await;
    }

    async fn wait_until(&self, holds: impl Fn() -> bool) {
        for _ in 0..self.pauses {
            if holds() {
                return;
            }
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path, time::Instant};

    fn settle_under(run: &Path) -> Duration {
        let udev = Udev {
            run: run.to_owned(),
            pauses: 3,
        };
        let begun = Instant::now();
        crate::block_on(udev.settle(7)).unwrap();
        begun.elapsed()
    }

    #[test]
    fn without_udev_nobody_waits() {
        let run = tempfile::tempdir().unwrap();
        assert!(settle_under(run.path()) < PAUSE);
    }

    #[test]
    fn it_is_waited_for_and_not_for_ever() {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join("control"), "").unwrap();
        fs::write(run.path().join("queue"), "").unwrap();
        assert!(settle_under(run.path()) >= 6 * PAUSE);
        fs::remove_file(run.path().join("queue")).unwrap();
        fs::create_dir(run.path().join("data")).unwrap();
        fs::write(run.path().join("data/n7"), "").unwrap();
        assert!(settle_under(run.path()) < PAUSE);
    }
}
