//! The options of one command, as ipvsadm names them.

use std::num::{NonZeroU16, NonZeroU32};
use std::str::FromStr;
use std::time::Duration;

use ipvs::{
    Destination, Encapsulation, Endpoint, Family, Forwarding, GreChecksum, GueChecksum, Netmask,
    Persistence, Scheduler, SchedulerFlags, Service, ServiceId,
};

use super::words::Words;
use crate::typed::RealServer;

/// The options, in the order of ipvsadm's manual page.
#[derive(Default)]
pub(super) struct Options {
    tcp: Option<Endpoint>,
    udp: Option<Endpoint>,
    sctp: Option<Endpoint>,
    fwmark: Option<NonZeroU32>,
    ipv6: bool,
    scheduler: Option<Scheduler>,
    persistent: Option<Duration>,
    netmask: Option<Netmask>,
    engine: Option<ipvs::PersistenceEngine>,
    one_packet: bool,
    flags: Option<String>,
    real_server: Option<RealServer>,
    method: Option<Method>,
    weight: Option<u32>,
    upper_threshold: Option<NonZeroU32>,
    lower_threshold: Option<NonZeroU32>,
    tunnel: Option<String>,
    tunnel_port: Option<NonZeroU16>,
    checksum: Option<Checksum>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Direct,
    Masquerade,
    Tunnel,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksum {
    None,
    Full,
    Remote,
}

impl Options {
    pub(super) fn read(mut words: Words<'_>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            // An option and its value can be one word: `--tcp-service=ADDRESS`, `-p300`.
            let (option, attached) = split(word);
            if let Some(attached) = attached {
                options.take(option, &mut Words::of(attached))?;
            } else {
                options.take(option, &mut words)?;
            }
        }
        Ok(options)
    }

    fn take(&mut self, option: &str, words: &mut Words<'_>) -> Result<(), String> {
        match option {
            "-t" | "--tcp-service" => self.tcp = Some(address(option, words)?),
            "-u" | "--udp-service" => self.udp = Some(address(option, words)?),
            "--sctp-service" => self.sctp = Some(address(option, words)?),
            "-f" | "--fwmark-service" => self.fwmark = Some(mark(words.word(option)?)?),
            "-6" | "--ipv6" => self.ipv6 = true,
            "-s" | "--scheduler" => self.scheduler = Some(words.value(option)?),
            "-p" | "--persistent" => {
                let seconds = match words.optional() {
                    Some(word) => word
                        .parse()
                        .map_err(|_| format!("{option} {word}: not a number of seconds"))?,
                    None => Persistence::DEFAULT_TIMEOUT.as_secs(),
                };
                self.persistent = Some(Duration::from_secs(seconds));
            }
            "-M" | "--netmask" => self.netmask = Some(words.value(option)?),
            "--pe" => self.engine = Some(words.value(option)?),
            "-o" | "--ops" => self.one_packet = true,
            "-b" | "--sched-flags" => self.flags = Some(words.word(option)?.to_owned()),
            "-r" | "--real-server" => self.real_server = Some(address(option, words)?),
            "-g" | "--gatewaying" => self.method(Method::Direct)?,
            "-m" | "--masquerading" => self.method(Method::Masquerade)?,
            "-i" | "--ipip" => self.method(Method::Tunnel)?,
            "-w" | "--weight" => self.weight = Some(words.value(option)?),
            "-x" | "--u-threshold" => self.upper_threshold = NonZeroU32::new(words.value(option)?),
            "-y" | "--l-threshold" => self.lower_threshold = NonZeroU32::new(words.value(option)?),
            "--tun-type" => self.tunnel = Some(words.word(option)?.to_owned()),
            "--tun-port" => self.tunnel_port = Some(words.value(option)?),
            "--tun-nocsum" => self.checksum = Some(Checksum::None),
            "--tun-csum" => self.checksum = Some(Checksum::Full),
            "--tun-remcsum" => self.checksum = Some(Checksum::Remote),
            other => return Err(format!("unknown option {other:?}")),
        }
        Ok(())
    }

    fn method(&mut self, method: Method) -> Result<(), String> {
        match self.method.replace(method) {
            None => Ok(()),
            Some(_) => Err("more than one of -g, -i and -m".to_owned()),
        }
    }

    fn id(&self) -> Result<ServiceId, String> {
        let family = if self.ipv6 {
            Family::Ipv6
        } else {
            Family::Ipv4
        };
        match (self.tcp, self.udp, self.sctp, self.fwmark) {
            (Some(endpoint), None, None, None) => Ok(ServiceId::tcp(endpoint)),
            (None, Some(endpoint), None, None) => Ok(ServiceId::udp(endpoint)),
            (None, None, Some(endpoint), None) => Ok(ServiceId::sctp(endpoint)),
            (None, None, None, Some(mark)) => Ok(ServiceId::fwmark(mark, family)),
            _ => Err("name exactly one service: -t, -u, --sctp-service or -f".to_owned()),
        }
    }

    pub(super) fn service(self) -> Result<Service, String> {
        let mut service = Service::new(self.id()?);
        service.scheduler = self.scheduler.unwrap_or_default();
        if let Some(flags) = self.flags {
            let names: Vec<_> = flags.split(',').collect();
            service.scheduler_flags = SchedulerFlags::from_names(&names, &service.scheduler)
                .map_err(|error| error.to_string())?;
        }
        service.persistence = self.persistent.map(|timeout| {
            let mut persistence = Persistence::new(timeout);
            persistence.netmask = self.netmask;
            persistence
        });
        service.persistence_engine = self.engine;
        service.one_packet = self.one_packet;
        Ok(service)
    }

    pub(super) fn destination(self) -> Result<(ServiceId, Destination), String> {
        let service = self.id()?;
        let server = self.real_server.ok_or("-a needs -r")?;
        let method = self.method.unwrap_or(Method::Direct);
        let id = match method {
            Method::Masquerade => server.behind(service),
            // As in ipvsadm: these methods do not rewrite the port.
            Method::Direct | Method::Tunnel => server.with_the_port_of(service),
        };
        let mut destination = Destination::new(id).weight(self.weight.unwrap_or(1));
        destination.upper_threshold = self.upper_threshold;
        destination.lower_threshold = self.lower_threshold;
        destination.forwarding = match method {
            Method::Tunnel => Forwarding::Tunnel(self.encapsulation()?),
            _ if self.tunnel.is_some() || self.tunnel_port.is_some() || self.checksum.is_some() => {
                return Err("tunnel options need -i".to_owned());
            }
            Method::Direct => Forwarding::Direct,
            Method::Masquerade => Forwarding::Masquerade,
        };
        Ok((service, destination))
    }

    fn encapsulation(&self) -> Result<Encapsulation, String> {
        let checksum = self.checksum;
        match (self.tunnel.as_deref().unwrap_or("ipip"), self.tunnel_port) {
            ("ipip", None) if checksum.is_none() => Ok(Encapsulation::Ipip),
            ("gue", Some(port)) => Ok(Encapsulation::Gue {
                port,
                checksum: match checksum {
                    None | Some(Checksum::None) => GueChecksum::None,
                    Some(Checksum::Full) => GueChecksum::Full,
                    Some(Checksum::Remote) => GueChecksum::Remote,
                },
            }),
            ("gue", None) => Err("--tun-type gue needs --tun-port".to_owned()),
            ("gre", None) if checksum != Some(Checksum::Remote) => Ok(Encapsulation::Gre {
                checksum: match checksum {
                    Some(Checksum::Full) => GreChecksum::Full,
                    _ => GreChecksum::None,
                },
            }),
            ("ipip" | "gre", _) => Err(
                "--tun-port and --tun-remcsum are for gue, --tun-csum is for gue and gre"
                    .to_owned(),
            ),
            (other, _) => Err(format!(
                "unknown tunnel type {other:?}: use ipip, gue or gre"
            )),
        }
    }
}

fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word
            .split_once('=')
            .map_or((word, None), |(option, value)| (option, Some(value)));
    }
    match word.split_at_checked(2) {
        Some((option, value)) if option.starts_with('-') && !value.is_empty() => {
            (option, Some(value))
        }
        _ => (word, None),
    }
}

fn address<T>(option: &str, words: &mut Words<'_>) -> Result<T, String>
where
    T: FromStr<Err: ToString>,
{
    words
        .value(option)
        .map_err(|error| format!("{error} (use `ipvsadm -Sn` to save numeric addresses)"))
}

/// ipvsadm prints marks from 2^31 on as negative numbers.
fn mark(word: &str) -> Result<NonZeroU32, String> {
    let unsigned = word.parse::<u32>().ok();
    let signed = || {
        let number = word.parse::<i32>().ok()?;
        Some(u32::from_ne_bytes(number.to_ne_bytes()))
    };
    unsigned
        .or_else(signed)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| format!("-f {word}: a firewall mark is a number from 1 to 4294967295"))
}
