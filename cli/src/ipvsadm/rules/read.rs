use std::collections::HashMap;
use std::io::BufRead;
use std::num::{NonZeroU16, NonZeroU32};
use std::str::{FromStr, SplitAsciiWhitespace};
use std::time::Duration;

use ipvs::{
    Destination, Encapsulation, Endpoint, Family, Forwarding, GreChecksum, GueChecksum, Netmask,
    Persistence, Scheduler, SchedulerFlags, Service, ServiceId, Table, Timeouts, VirtualServer,
};

use crate::ipvsadm::rules::{LineError, Lines, ReadError};
use crate::typed::real_server::RealServer;

/// Reads all lines or none. Comments and empty lines are passed over, as the incumbent's wrapper
/// script does, and the word `ipvsadm` in front.
pub(crate) fn read(input: impl BufRead) -> Result<Table, ReadError> {
    let mut rules = Rules::default();
    let mut lines = Lines::new(input);
    while let Some((number, line)) = lines.next()? {
        rules.line = number;
        let line = line.trim_ascii();
        if !line.is_empty() && !line.starts_with('#') {
            let taken = rules.take(line);
            taken.map_err(|what| LineError::new(number, what))?;
        }
    }
    if rules.line == 0 {
        return Err(ReadError::Nothing);
    }
    Ok(rules.table()?)
}

#[derive(Default)]
struct Rules {
    timeouts: Timeouts,
    servers: Vec<Server>,
    /// Where each service stands among them; only where destinations are not behind their service.
    places: Option<HashMap<ServiceId, usize>>,
    /// The one that is being read.
    line: usize,
}

/// A service as it is being read. What is there twice shows when all lines were read, behind whatever
/// else is wrong: each keeps its line for that.
struct Server {
    service: Service,
    line: usize,
    destinations: Vec<(Destination, usize)>,
}

/// Room for these is asked for at once: memory that is not written to costs nothing, and what grows
/// into it need not be moved.
const MANY_SERVICES: usize = 2048;

impl Rules {
    fn table(mut self) -> Result<Table, LineError> {
        self.servers
            .sort_by_key(|server| (server.service.id, server.line));
        for server in &mut self.servers {
            let by_id = |(destination, line): &(Destination, usize)| (destination.id, *line);
            server.destinations.sort_by_key(by_id);
        }
        if let Some((line, what)) = self.twice() {
            return Err(LineError::new(line, what));
        }
        let servers = self.servers.into_iter().map(|server| {
            let destinations = server.destinations.into_iter();
            let destinations = destinations.map(|(destination, _)| destination);
            VirtualServer::new(server.service, destinations)
        });
        Ok(Table::new(self.timeouts, servers))
    }

    /// The first line that names something a second time: equal neighbours, where all are sorted.
    fn twice(&self) -> Option<(usize, String)> {
        let services = self.servers.iter().zip(self.servers.iter().skip(1));
        let services = services.filter(|(one, next)| one.service.id == next.service.id);
        let services = services.map(|(_, next)| {
            let id = next.service.id;
            (next.line, format!("service {id} is there twice"))
        });
        let destinations = self.servers.iter().flat_map(|server| {
            let id = server.service.id;
            let pairs = server.destinations.iter();
            let pairs = pairs.zip(server.destinations.iter().skip(1));
            let equal = pairs.filter(|((one, _), (next, _))| one.id == next.id);
            equal.map(move |(_, (next, line))| {
                let what = format!("destination {} is there twice in service {id}", next.id);
                (*line, what)
            })
        });
        services.chain(destinations).min()
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let mut words = Words(line.split_ascii_whitespace());
        let mut command = words.0.next().unwrap_or_default();
        if command == "ipvsadm" {
            command = words.0.next().unwrap_or_default();
        }
        match command {
            "-A" | "--add-service" => self.add_service(words),
            "-a" | "--add-server" => self.add_destination(words),
            "--set" => self.set_timeouts(words),
            other if other.starts_with('[') => Err(format!(
                "{other:?} is not for ipvsadm's rules (this looks like TOML: leave --format out)"
            )),
            other => Err(format!("{other:?} is not for rules: -A, -a or --set")),
        }
    }

    fn add_service(&mut self, words: Words<'_>) -> Result<(), String> {
        let options = Options::read(words)?;
        let service = options.service()?;
        service.validate().map_err(text)?;
        let place = self.servers.len();
        match self.servers.last_mut() {
            Some(complete) => complete.destinations.shrink_to_fit(),
            None => self.servers.reserve(MANY_SERVICES),
        }
        if let Some(places) = &mut self.places {
            places.entry(service.id).or_insert(place);
        }
        self.servers.push(Server {
            service,
            line: self.line,
            destinations: Vec::new(),
        });
        Ok(())
    }

    fn add_destination(&mut self, words: Words<'_>) -> Result<(), String> {
        let options = Options::read(words)?;
        let (id, destination) = options.destination()?;
        let line = self.line;
        let server = self.server(id);
        let server =
            server.ok_or_else(|| format!("service {id} is not in these rules before this line"))?;
        destination.validate(id).map_err(text)?;
        server.destinations.push((destination, line));
        Ok(())
    }

    /// Nearly always the one that was read last.
    fn server(&mut self, id: ServiceId) -> Option<&mut Server> {
        let last = self.servers.len().checked_sub(1)?;
        if self.servers.get(last)?.service.id == id {
            return self.servers.get_mut(last);
        }
        let servers = &self.servers;
        let places = self.places.get_or_insert_with(|| {
            let ids = servers.iter().map(|server| server.service.id);
            ids.enumerate().map(|(place, id)| (id, place)).collect()
        });
        self.servers.get_mut(*places.get(&id)?)
    }

    /// `--set TCP TCPFIN UDP`, where 0 keeps what is set.
    fn set_timeouts(&mut self, mut words: Words<'_>) -> Result<(), String> {
        let mut next = || {
            words.value::<u64>("--set").map(|seconds| match seconds {
                0 => None,
                seconds => Some(Duration::from_secs(seconds)),
            })
        };
        (self.timeouts.tcp, self.timeouts.tcp_fin, self.timeouts.udp) = (next()?, next()?, next()?);
        words.end()?;
        Table::new(self.timeouts, []).validate().map_err(text)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn text(error: ipvs::Invalid) -> String {
    error.to_string()
}

/// The words of a line.
struct Words<'a>(SplitAsciiWhitespace<'a>);

impl<'a> Words<'a> {
    fn word(&mut self, option: &str) -> Result<&'a str, String> {
        self.0
            .next()
            .ok_or_else(|| format!("{option} needs a value"))
    }

    fn value<T: FromStr<Err: ToString>>(&mut self, option: &str) -> Result<T, String> {
        let word = self.word(option)?;
        word.parse()
            .map_err(|error: T::Err| format!("{option} {word}: {}", error.to_string()))
    }

    fn end(mut self) -> Result<(), String> {
        self.0
            .next()
            .map_or(Ok(()), |word| Err(format!("unexpected {word:?}")))
    }

    /// The next word, where it is a value and not an option.
    fn optional(&mut self) -> Option<&'a str> {
        let mut ahead = self.0.clone();
        let word = ahead.next().filter(|word| !word.starts_with('-'))?;
        self.0 = ahead;
        Some(word)
    }
}

/// The options of a line, in the order of the incumbent's manual.
#[derive(Default)]
struct Options {
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
    fn read(mut words: Words<'_>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(word) = words.0.next() {
            // `--tcp-service=ADDRESS` and `-p300` are one word.
            let (option, attached) = split(word);
            if let Some(attached) = attached {
                options.take(option, &mut Words(attached.split_ascii_whitespace()))?;
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
            _ => Err("a line names one service: -t, -u, --sctp-service or -f".to_owned()),
        }
    }

    fn service(self) -> Result<Service, String> {
        let mut service = Service::new(self.id()?);
        service.scheduler = self.scheduler.unwrap_or_default();
        if let Some(flags) = self.flags {
            let names: Vec<_> = flags.split(',').collect();
            service.scheduler_flags =
                SchedulerFlags::from_names(&names, &service.scheduler).map_err(text)?;
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

    fn destination(self) -> Result<(ServiceId, Destination), String> {
        let service = self.id()?;
        let server = self.real_server.ok_or("-a needs -r")?;
        let method = self.method.unwrap_or(Method::Direct);
        let id = match method {
            Method::Masquerade => server.behind(service),
            // The incumbent does so too: these methods do not rewrite the port.
            Method::Direct | Method::Tunnel => server.with_the_port_of(service),
        };
        let mut destination = Destination::new(id).weight(self.weight.unwrap_or(1));
        destination.upper_threshold = self.upper_threshold;
        destination.lower_threshold = self.lower_threshold;
        destination.forwarding = match method {
            Method::Tunnel => Forwarding::Tunnel(self.encapsulation()?),
            _ if self.tunnel.is_some() || self.tunnel_port.is_some() || self.checksum.is_some() => {
                return Err("tunnel options go with -i".to_owned());
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
            ("ipip" | "gre", _) => Err("only gue has all of the tunnel options".to_owned()),
            (other, _) => Err(format!("--tun-type {other}: ipip, gue or gre")),
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
        .map_err(|error| format!("{error} (ipvsadm -Sn prints numbers)"))
}

/// The incumbent prints marks from 2^31 on as negative numbers.
fn mark(word: &str) -> Result<NonZeroU32, String> {
    let unsigned = word.parse::<u32>().ok();
    let signed = || {
        let number = word.parse::<i32>().ok()?;
        Some(u32::from_ne_bytes(number.to_ne_bytes()))
    };
    unsigned
        .or_else(signed)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| format!("-f {word}: a mark is a number from 1 to 4294967295"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        super::super::write::write(&read(text.as_bytes()).unwrap(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_ipvsadm_saves_comes_out_again_as_it_was() {
        let saved = "\
-A -t 10.9.0.1:0 -s wlc -p 360
-A -t 10.9.0.1:80 -s wlc
-a -t 10.9.0.1:80 -r 10.9.0.2:80 -g -w 1
-a -t 10.9.0.1:80 -r 10.9.0.4:0 -m -w 1
-a -t 10.9.0.1:80 -r 10.9.0.4:8080 -m -w 5
-a -t 10.9.0.1:80 -r 10.9.0.5:80 -i -w 1 --tun-type ipip
-a -t 10.9.0.1:80 -r 10.9.1.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 10.9.0.1:80 -r 10.9.1.8:80 -i -w 1 --tun-type gre --tun-csum
-a -t 10.9.0.1:80 -r [2001:db8::20]:80 -i -w 1 --tun-type ipip
-A -t 10.9.0.1:92 -s rr -p 50 -M 255.0.255.0
-A -t [2001:db8::10]:90 -s rr -p 50 -M 64
-A -u 10.9.0.1:84 -s wlc -o
-A -u 10.9.0.1:5060 -s rr -p 60 --pe sip
-A --sctp-service 10.9.0.1:80 -s sh -b sh-fallback,sh-port
-A -f 7 -s rr
-a -f 7 -r 10.9.0.41:8080 -m -w 1
-a -f 7 -r 10.9.0.42:8080 -g -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [2001:db8::44]:0 -m -w 1
";
        assert_eq!(written(saved), saved);
    }

    #[test]
    fn thresholds_are_written_though_ipvsadm_loses_them() {
        let rules = "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.2:80 -g -w 1 -x 9 -y 3\n";
        assert_eq!(written(rules), rules);
    }

    #[test]
    fn what_people_write_by_hand_is_understood() {
        let by_hand = "\
# the site
  ipvsadm --add-service --tcp-service=10.9.0.1:80 -p
-a -t 10.9.0.1:80 -r 10.9.0.2:8080
-A -f -1 -s rr
--set 0 0 30
";
        assert_eq!(
            written(by_hand),
            "-A -t 10.9.0.1:80 -s wlc -p 360\n-a -t 10.9.0.1:80 -r 10.9.0.2:80 -g -w 1\n\
             -A -f 4294967295 -s rr\n"
        );
        let timeouts = read(by_hand.as_bytes()).unwrap().timeouts;
        assert_eq!(timeouts, Timeouts::default().udp(Duration::from_secs(30)));
    }

    #[test]
    fn destinations_need_not_stand_behind_their_service() {
        let scattered = "-A -t 10.9.0.2:80 -s rr\n-A -t 10.9.0.1:80 -s rr\n\
                         -a -t 10.9.0.2:80 -r 10.9.0.9:80\n-A -t 10.9.0.3:80 -s rr\n\
                         -a -t 10.9.0.1:80 -r 10.9.0.9:80\n-a -t 10.9.0.3:80 -r 10.9.0.9:80\n\
                         -a -t 10.9.0.2:80 -r 10.9.0.8:80\n";
        assert_eq!(
            written(scattered),
            "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.9:80 -g -w 1\n\
             -A -t 10.9.0.2:80 -s rr\n-a -t 10.9.0.2:80 -r 10.9.0.8:80 -g -w 1\n\
             -a -t 10.9.0.2:80 -r 10.9.0.9:80 -g -w 1\n\
             -A -t 10.9.0.3:80 -s rr\n-a -t 10.9.0.3:80 -r 10.9.0.9:80 -g -w 1\n"
        );
    }

    #[test]
    fn an_error_names_the_line() {
        for (rules, said) in [
            ("-C", "line 1: \"-C\" is not for rules: -A, -a or --set"),
            (
                "\n\n-A -t 10.9.0.1:http",
                "line 3: -t 10.9.0.1:http: \"10.9.0.1:http\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80 (ipvsadm -Sn prints numbers)",
            ),
            ("-A -t 10.9.0.1:80 -x", "line 1: -x needs a value"),
            (
                "-A -t 10.9.0.1:80 --foo",
                "line 1: unknown option \"--foo\"",
            ),
            (
                "-A -t 10.9.0.1:80\n-A -t 10.9.0.1:80",
                "line 2: service TCP 10.9.0.1:80 is there twice",
            ),
            (
                "-A -t 10.9.0.1:80\n-a -t 10.9.0.1:80 -r 10.9.0.2\n-a -t 10.9.0.1:80 -r 10.9.0.3\n\
                 -a -t 10.9.0.1:80 -r 10.9.0.3:80 -m\n-a -t 10.9.0.1:80 -r 10.9.0.2:80",
                "line 4: destination 10.9.0.3:80 is there twice in service TCP 10.9.0.1:80",
            ),
            (
                "-A -t 10.9.0.1:80\n-A -t 10.9.0.2:80\n-a -t 10.9.0.1:80 -r 10.9.0.3\n\
                 -A -t 10.9.0.3:80\n-a -t 10.9.0.3:80 -r 10.9.0.3\n-a -t 10.9.0.4:80 -r 10.9.0.3",
                "line 6: service TCP 10.9.0.4:80 is not in these rules before this line",
            ),
            (
                "-a -t 10.9.0.1:80 -r 10.9.0.2",
                "line 1: service TCP 10.9.0.1:80 is not in these rules before this line",
            ),
            (
                "-A -t 10.9.0.1:80\n-a -t 10.9.0.1:80 -r 10.9.0.2 -i --tun-type gue",
                "line 2: --tun-type gue needs --tun-port",
            ),
            (
                "-A -t 10.9.0.1:80 -u 10.9.0.1:80",
                "line 1: a line names one service: -t, -u, --sctp-service or -f",
            ),
            (
                "-A -t 10.9.0.1:0",
                "line 1: service TCP 10.9.0.1:0 needs a port: only a persistent service takes every port",
            ),
        ] {
            let error = read(rules.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, format!("standard input, {said}"));
        }
    }
}
