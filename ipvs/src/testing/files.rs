//! The files of the kernel that a client reads.

use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use ipvs_sys::Errno;

use super::state::{State, lock};
use super::{config, lines};
use crate::Error;
use crate::netlink::files::{Files, failed};

const NET: &str = "/proc/thread-self/net";
const SETTINGS: &str = "/proc/sys/net/ipv4/vs";
const CONNECTION_TABLE_BITS: &str = "/sys/module/ip_vs/parameters/conn_tab_bits";

/// The files of a fake kernel.
#[derive(Clone, Debug)]
pub(super) struct FakeFiles(pub(super) Arc<Mutex<State>>);

impl Files for FakeFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, Error> {
        let text = text(&lock(&self.0), path).ok_or(io::ErrorKind::NotFound.into());
        Ok(Box::new(Cursor::new(text.map_err(failed(path))?)))
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Error> {
        let mut state = lock(&self.0);
        let state = &mut *state;
        let setting = path
            .strip_prefix(SETTINGS)
            .ok()
            .and_then(Path::to_str)
            .and_then(|name| Some((name, state.settings.get_mut(name)?)))
            .filter(|_| state.loaded);
        let written = match setting {
            None => Err(Errno::ENOENT),
            Some(_) if !state.privileged => Err(Errno::EACCES),
            Some((name, setting)) => setting_after(name, text).map(|text| *setting = text),
        };
        written.map_err(|errno| failed(path)(errno.into()))
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let state = lock(&self.0);
        if folder == Path::new(SETTINGS) && state.loaded {
            return Ok(state.settings.keys().cloned().collect());
        }
        Err(failed(folder)(io::ErrorKind::NotFound.into()))
    }
}

fn text(state: &State, path: &Path) -> Option<String> {
    if !state.loaded {
        return None;
    }
    if let Ok(name) = path.strip_prefix(SETTINGS) {
        return Some(format!("{}\n", state.settings.get(name.to_str()?)?));
    }
    if path == Path::new(CONNECTION_TABLE_BITS) {
        return Some(format!("{}\n", config::CONNECTION_TABLE_SIZE.ilog2()));
    }
    match path.strip_prefix(NET).ok()?.to_str()? {
        "ip_vs" => Some(lines::table(&state.table)),
        "ip_vs_app" => Some("prot port    usecnt name\n".to_owned()),
        "ip_vs_conn" => Some(lines::connections(&state.connections)),
        "ip_vs_conn_sync" => Some(lines::connections_with_origin(&state.connections)),
        "ip_vs_stats" => Some(lines::totals(&state.totals)),
        "ip_vs_stats_percpu" => Some(lines::totals_by_cpu(&state.totals)),
        _ => None,
    }
}

/// The value of a setting after a write. The kernel accepts any number for most settings.
fn setting_after(name: &str, text: &str) -> Result<String, Errno> {
    let text = text.trim_end();
    let number = |text: &str| text.parse::<i32>().map_err(|_| Errno::EINVAL);
    let range = match name {
        "sync_threshold" => {
            let (packet, period) = text.split_once(['\t', ' ']).ok_or(Errno::EINVAL)?;
            let (packet, period) = (number(packet)?, number(period)?);
            return if packet >= 0 && period >= 0 && (period == 0 || packet < period) {
                Ok(format!("{packet}\t{period}"))
            } else {
                Err(Errno::EINVAL)
            };
        }
        "sync_qlen_max" => {
            let length: u64 = text.parse().map_err(|_| Errno::EINVAL)?;
            return Ok(length.to_string());
        }
        "sync_ports" => {
            return match number(text)? {
                ports @ 1.. if ports.unsigned_abs().is_power_of_two() => Ok(ports.to_string()),
                _ => Err(Errno::EINVAL),
            };
        }
        "drop_entry" | "drop_packet" | "secure_tcp" | "sync_retries" => 0..=3,
        "sync_version" => 0..=1,
        _ => i32::MIN..=i32::MAX,
    };
    Some(number(text)?)
        .filter(|number| range.contains(number))
        .map(|number| number.to_string())
        .ok_or(Errno::EINVAL)
}
