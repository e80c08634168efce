use std::collections::HashMap;
use std::io::BufRead;
use std::time::Duration;

use ipvs::{Destination, Service, ServiceId, Table, Timeouts, VirtualServer};

use super::lines::{LineError, Lines, ReadError};
use crate::ipvsadm::options::Options;
use crate::ipvsadm::words::Words;

/// Reads the rules, or reports the first error.
///
/// Skips comments, empty lines, and the word `ipvsadm` in front of a line, as Debian's wrapper script
/// does.
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
    /// The index of each service; filled only if destinations do not follow their service.
    places: Option<HashMap<ServiceId, usize>>,
    /// The number of the line that is being read.
    line: usize,
}

/// A service while it is being read. Duplicates are found when all lines are read, so each entry keeps
/// its line number for the error.
struct Server {
    service: Service,
    line: usize,
    destinations: Vec<(Destination, usize)>,
}

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

    /// The first line that defines something a second time. The entries are sorted, so that duplicates
    /// are neighbours.
    fn twice(&self) -> Option<(usize, String)> {
        let services = self.servers.iter().zip(self.servers.iter().skip(1));
        let services = services.filter(|(one, next)| one.service.id == next.service.id);
        let services = services.map(|(_, next)| {
            let id = next.service.id;
            (next.line, format!("service {id} is defined twice"))
        });
        let destinations = self.servers.iter().flat_map(|server| {
            let id = server.service.id;
            let pairs = server.destinations.iter();
            let pairs = pairs.zip(server.destinations.iter().skip(1));
            let equal = pairs.filter(|((one, _), (next, _))| one.id == next.id);
            equal.map(move |(_, (next, line))| {
                let what = format!("destination {} is defined twice in service {id}", next.id);
                (*line, what)
            })
        });
        services.chain(destinations).min()
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let mut words = Words::of(line);
        let mut command = words.next().unwrap_or_default();
        if command == "ipvsadm" {
            command = words.next().unwrap_or_default();
        }
        match command {
            "-A" | "--add-service" => self.add_service(words),
            "-a" | "--add-server" => self.add_destination(words),
            "--set" => self.set_timeouts(words),
            other if other.starts_with('[') => Err(format!(
                "{other:?} is not one of ipvsadm's rules (this looks like TOML: leave out --format)"
            )),
            other => Err(format!("{other:?} is not a rule: use -A, -a or --set")),
        }
    }

    fn add_service(&mut self, words: Words<'_>) -> Result<(), String> {
        let options = Options::read(words)?;
        let service = options.service()?;
        service.validate().map_err(text)?;
        let place = self.servers.len();
        if let Some(complete) = self.servers.last_mut() {
            complete.destinations.shrink_to_fit();
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
            server.ok_or_else(|| format!("service {id} is not defined before this line"))?;
        destination.validate(id).map_err(text)?;
        server.destinations.push((destination, line));
        Ok(())
    }

    /// The service with this ID, which is nearly always the last one.
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

    /// `--set TCP TCPFIN UDP`, where 0 means no change.
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
            ("-C", "line 1: \"-C\" is not a rule: use -A, -a or --set"),
            (
                "\n\n-A -t 10.9.0.1:http",
                "line 3: -t 10.9.0.1:http: \"10.9.0.1:http\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80 (use `ipvsadm -Sn` to save numeric addresses)",
            ),
            ("-A -t 10.9.0.1:80 -x", "line 1: -x needs a value"),
            (
                "-A -t 10.9.0.1:80 --foo",
                "line 1: unknown option \"--foo\"",
            ),
            (
                "-A -t 10.9.0.1:80\n-A -t 10.9.0.1:80",
                "line 2: service tcp:10.9.0.1:80 is defined twice",
            ),
            (
                "-A -t 10.9.0.1:80\n-a -t 10.9.0.1:80 -r 10.9.0.2\n-a -t 10.9.0.1:80 -r 10.9.0.3\n\
                 -a -t 10.9.0.1:80 -r 10.9.0.3:80 -m\n-a -t 10.9.0.1:80 -r 10.9.0.2:80",
                "line 4: destination 10.9.0.3:80 is defined twice in service tcp:10.9.0.1:80",
            ),
            (
                "-A -t 10.9.0.1:80\n-A -t 10.9.0.2:80\n-a -t 10.9.0.1:80 -r 10.9.0.3\n\
                 -A -t 10.9.0.3:80\n-a -t 10.9.0.3:80 -r 10.9.0.3\n-a -t 10.9.0.4:80 -r 10.9.0.3",
                "line 6: service tcp:10.9.0.4:80 is not defined before this line",
            ),
            (
                "-a -t 10.9.0.1:80 -r 10.9.0.2",
                "line 1: service tcp:10.9.0.1:80 is not defined before this line",
            ),
            (
                "-A -t 10.9.0.1:80\n-a -t 10.9.0.1:80 -r 10.9.0.2 -i --tun-type gue",
                "line 2: --tun-type gue needs --tun-port",
            ),
            (
                "-A -t 10.9.0.1:80 -u 10.9.0.1:80",
                "line 1: name exactly one service: -t, -u, --sctp-service or -f",
            ),
            (
                "-A -t 10.9.0.1:0",
                "line 1: service tcp:10.9.0.1:0 needs a port: only a persistent service takes every port",
            ),
        ] {
            let error = read(rules.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, format!("standard input, {said}"));
        }
    }
}
