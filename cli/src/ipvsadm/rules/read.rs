use std::io::BufRead;

use super::lines::{LineError, Lines, ReadError};
use super::script::{Live, Script, Trouble, Wanted};
use crate::ipvsadm::Hosts;

/// Reads the rules, or reports the first error.
///
/// Skips comments, empty lines, and the word `ipvsadm` in front of a line, as Debian's wrapper script
/// does. Asks for the kernel's table only if a rule is about a service that the rules do not define.
pub(crate) fn read(
    input: impl BufRead,
    hosts: Hosts,
    kernel: &mut dyn Live,
) -> Result<Wanted, ReadError> {
    let mut script = Script::new(hosts, kernel);
    let mut lines = Lines::new(input);
    while let Some((number, line)) = lines.next()? {
        let rule = line.trim_ascii();
        if !rule.is_empty() && !rule.starts_with('#') {
            script.take(number, rule).map_err(|trouble| match trouble {
                Trouble::Wrong(what) => LineError::new(number, what).into(),
                Trouble::Kernel(error) => ReadError::Kernel(error),
            })?;
        }
    }
    script.wanted()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipvs::{Others, SyncRole, Table, Timeouts};

    use super::*;

    struct Kernel(Table);

    impl Live for Kernel {
        fn table(&mut self) -> Result<&Table, ipvs::Error> {
            Ok(&self.0)
        }
    }

    /// What rules amount to for a kernel whose table these other rules made.
    fn wanted_after(before: &str, rules: &str) -> Result<Wanted, ReadError> {
        let mut nothing = Kernel(Table::default());
        let before = super::read(before.as_bytes(), Hosts::File, &mut nothing).unwrap();
        super::read(rules.as_bytes(), Hosts::File, &mut Kernel(before.table))
    }

    fn read(rules: &str) -> Result<Wanted, ReadError> {
        wanted_after("", rules)
    }

    fn lines_of(table: &Table) -> String {
        let mut out = Vec::new();
        super::super::write::write(table, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn written(text: &str) -> String {
        lines_of(&read(text).unwrap().table)
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
        let timeouts = read(by_hand).unwrap().table.timeouts;
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
            (
                "-Ln",
                "line 1: -L changes no rules: restore reads -A, -E, -D, -a, -e, -d, -C, --set, --start-daemon and --stop-daemon",
            ),
            (
                "\n\n-A -t 10.9.0.1:no-such-name",
                "line 3: -t 10.9.0.1:no-such-name: port \"no-such-name\" is not in /etc/services for tcp",
            ),
            (
                "-A -t 10.9.0.1:80 -x 7",
                "line 1: -x does not belong to -A: use it with -a and -e",
            ),
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
                "line 6: service tcp:10.9.0.4:80 does not exist: no line before this one adds it, and the kernel does not have it",
            ),
            (
                "-a -t 10.9.0.1:80 -r 10.9.0.2",
                "line 1: service tcp:10.9.0.1:80 does not exist: no line before this one adds it, and the kernel does not have it",
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
            let error = read(rules).unwrap_err().to_string();
            assert_eq!(error, format!("standard input, {said}"));
        }
    }

    const SITE: &str = "\
-A -t 10.9.0.1:80 -s wlc -p 300
-a -t 10.9.0.1:80 -r 10.9.0.2:8080 -m -w 5 -x 9
-a -t 10.9.0.1:80 -r 10.9.0.3:80 -g -w 1
-A -u 10.9.0.1:53 -s rr
";

    /// The table after rules that are carried out in a kernel that has the site.
    fn site_after(rules: &str) -> String {
        let wanted = wanted_after(SITE, rules).unwrap();
        assert_eq!(wanted.others, Others::Delete, "{rules}");
        lines_of(&wanted.table)
    }

    #[test]
    fn rules_about_the_kernels_services_keep_what_they_do_not_name() {
        let wanted = wanted_after(
            SITE,
            "-E -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.4\n\
             -e -t 10.9.0.1:80 -r 10.9.0.2:8080 -m -w 7\n-d -t 10.9.0.1:80 -r 10.9.0.3",
        );
        let wanted = wanted.unwrap();
        assert_eq!(wanted.others, Others::Keep);
        assert_eq!(
            lines_of(&wanted.table),
            "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.2:8080 -m -w 7\n\
             -a -t 10.9.0.1:80 -r 10.9.0.4:80 -g -w 1\n"
        );
    }

    #[test]
    fn a_deletion_deletes_what_it_names_and_nothing_else() {
        assert_eq!(site_after("-D -t 10.9.0.1:80"), "-A -u 10.9.0.1:53 -s rr\n");
        assert_eq!(
            site_after("-D -u 10.9.0.1:53\n-A -u 10.9.0.1:53 -s sh\n-A -f 7 -s rr"),
            SITE.replace("-u 10.9.0.1:53 -s rr", "-u 10.9.0.1:53 -s sh") + "-A -f 7 -s rr\n"
        );
        assert_eq!(
            site_after("-A -f 7\n-A -f 8\n-D -f 7\n-A -f 7 -s rr"),
            format!("{SITE}-A -f 7 -s rr\n-A -f 8 -s wlc\n")
        );
    }

    #[test]
    fn a_clear_leaves_what_follows_it_and_no_service_before_it() {
        assert_eq!(site_after("-C"), "");
        assert_eq!(site_after("-A -f 7\n-C\n-A -f 8 -s rr"), "-A -f 8 -s rr\n");
        let said = wanted_after(SITE, "-C\n-a -t 10.9.0.1:80 -r 10.9.0.4");
        let said = said.unwrap_err().to_string();
        assert!(
            said.contains("line 2: service tcp:10.9.0.1:80 does not exist"),
            "{said}"
        );
    }

    #[test]
    fn a_rule_about_what_is_not_there_is_refused() {
        for (rules, said) in [
            ("-E -f 7", "service fwmark:7 does not exist"),
            ("-D -f 7", "service fwmark:7 does not exist"),
            (
                "-D -u 10.9.0.1:53\n-D -u 10.9.0.1:53",
                "line 2: service udp:10.9.0.1:53 does not exist",
            ),
            (
                "-e -t 10.9.0.1:80 -r 10.9.0.2:8080 -w 7",
                "destination 10.9.0.2:80 does not exist in service tcp:10.9.0.1:80 (without -m it has \
                 the port of its service, not 8080)",
            ),
            (
                "-d -t 10.9.0.1:80 -r 10.9.0.2",
                "destination 10.9.0.2:80 does not exist in service tcp:10.9.0.1:80",
            ),
            ("--stop-daemon backup", "no backup sync daemon is running"),
        ] {
            let error = wanted_after(SITE, rules).unwrap_err().to_string();
            assert!(error.contains(said), "{rules}: {error}");
        }
    }

    #[test]
    fn sync_daemons_are_started_and_stopped() {
        let start = "--start-daemon master --mcast-interface eth0 --syncid 7 --mcast-group 239.1.1.1 \
                     --mcast-port 9000 --mcast-ttl 5 --sync-maxlen 1400";
        let started = read(start).unwrap().table.sync_daemons;
        let [daemon] = &started[..] else {
            panic!("one daemon: {started:?}")
        };
        assert_eq!(
            (daemon.role, daemon.interface.as_str(), daemon.sync_id),
            (SyncRole::Master, "eth0", 7)
        );
        let port = daemon.port.map(u16::from);
        assert_eq!((port, daemon.ttl.map(u8::from)), (Some(9000), Some(5)));
        let before = format!("{SITE}{start}\n");
        let stopped = wanted_after(&before, "--stop-daemon master").unwrap();
        assert_eq!(stopped.others, Others::Delete);
        assert_eq!(stopped.table.sync_daemons, []);
        assert_eq!(lines_of(&stopped.table), SITE);
        let cleared = wanted_after(&before, "-C").unwrap();
        assert_eq!(cleared.table.sync_daemons, started, "-C is about services");
    }

    #[test]
    fn no_line_means_no_change() {
        for rules in ["", "\n", "# nothing\n"] {
            let wanted = wanted_after(SITE, rules).unwrap();
            assert!(wanted.is_empty, "{rules:?}");
            assert_eq!(wanted.others, Others::Keep);
            assert_eq!(wanted.table, Table::default());
        }
    }

    #[test]
    fn a_port_that_is_not_used_is_told() {
        let rules = "-A -t 10.9.0.1:80\n-a -t 10.9.0.1:80 -r 10.9.0.2:8080\n\
                     -a -t 10.9.0.1:80 -r 10.9.0.3:8080 -i\n-a -t 10.9.0.1:80 -r 10.9.0.4:80\n";
        assert_eq!(
            read(rules).unwrap().warning.unwrap(),
            "standard input, line 2: as in ipvsadm, the destination is 10.9.0.2:80, not port 8080: only \
             -m changes the port; the same holds for 1 other line"
        );
        assert_eq!(read("-A -t 10.9.0.1:80").unwrap().warning, None);
    }

    #[test]
    fn timeouts_of_several_lines_add_up() {
        let timeouts = read("--set 10 0 0\n--set 0 20 0\n").unwrap().table.timeouts;
        let seconds = Duration::from_secs;
        assert_eq!(
            timeouts,
            Timeouts::default().tcp(seconds(10)).tcp_fin(seconds(20))
        );
    }
}
