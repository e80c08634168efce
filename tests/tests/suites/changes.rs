//! What a restore finds to do: as many changes as there are differences, and none the second time.

use ipvs::{Destination, Scheduler, Service};
use ipvs_lab::in_namespace;

use crate::common::program::{done, shown_for};
use crate::common::{client, endpoint, saved, web};

/// How many changes a restore of this makes.
#[track_caller]
fn changes(rules: &str) -> usize {
    let said = shown_for("restore --format ipvsadm", rules);
    let (_, count) = said.trim_end().rsplit_once(": ").unwrap();
    count.split(' ').next().unwrap().parse().unwrap()
}

const ONE: &str = "\
-A -t 192.0.2.10:80 -s rr
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1";

/// The table is [`ONE`] and nothing else.
fn one() {
    let mut ipvs = client();
    ipvs.flush().unwrap();
    let service = Service::new(web()).scheduler(Scheduler::ROUND_ROBIN);
    ipvs.add_service(&service).unwrap();
    let destination = Destination::new(endpoint("198.51.100.1:80"));
    ipvs.add_destination(web(), &destination).unwrap();
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn there_are_as_many_changes_as_differences() {
    in_namespace(|| {
        for (what, wanted, expected) in [
            ("nothing", ONE.to_owned(), 0),
            (
                "a service more",
                format!("{ONE}\n-A -t 192.0.2.11:80 -s rr"),
                1,
            ),
            (
                "a service more with a destination",
                format!(
                    "{ONE}\n-A -t 192.0.2.11:80 -s rr\n\
                     -a -t 192.0.2.11:80 -r 198.51.100.1:80 -g -w 1"
                ),
                2,
            ),
            ("another scheduler", ONE.replace("-s rr", "-s wrr"), 1),
            ("a persistence", ONE.replace("-s rr", "-s rr -p 60"), 1),
            (
                "a destination more",
                format!("{ONE}\n-a -t 192.0.2.10:80 -r 198.51.100.2:80 -g -w 1"),
                1,
            ),
            ("another weight", ONE.replace("-w 1", "-w 0"), 1),
            ("another method", ONE.replace("-g", "-m"), 1),
            (
                "another destination",
                ONE.replace("198.51.100.1", "198.51.100.2"),
                2,
            ),
            (
                "a destination less",
                "-A -t 192.0.2.10:80 -s rr".to_owned(),
                1,
            ),
            (
                "all at once",
                "-A -t 192.0.2.10:80 -s wrr\n-a -t 192.0.2.10:80 -r 198.51.100.2:80 -g -w 1\n\
                 -A -f 7 -s rr"
                    .to_owned(),
                4,
            ),
        ] {
            one();
            assert_eq!(changes(&wanted), expected, "{what}");
            let live = saved().replace(" --tun-type ipip", "");
            assert_eq!(live, wanted, "{what}");
            assert_eq!(changes(&wanted), 0, "{what}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_left_out_has_its_default() {
    in_namespace(|| {
        let file = "[[service]]\ntcp = \"192.0.2.10:80\"\n\
                    [[service.destination]]\naddress = \"198.51.100.1:80\"\n\
                    [[service]]\nfwmark = 7\n\
                    [[service.destination]]\naddress = \"198.51.100.1\"\n";
        let rules = "-A -t 192.0.2.10:80\n-a -t 192.0.2.10:80 -r 198.51.100.1\n\
                     -A -f 7\n-a -f 7 -r 198.51.100.1";
        let expected = "\
-A -t 192.0.2.10:80 -s wlc
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1
-A -f 7 -s wlc
-a -f 7 -r 198.51.100.1:0 -g -w 1";
        for (format, text) in [("toml", file), ("ipvsadm", rules)] {
            shown_for(&format!("restore --format {format}"), text);
            assert_eq!(saved(), expected, "{format}");
            done("flush --yes");
        }
        for line in [
            "add-service -t 192.0.2.10:80",
            "add-destination -t 192.0.2.10:80 -r 198.51.100.1",
            "add-service -f 7",
            "add-destination -f 7 -r 198.51.100.1",
        ] {
            done(line);
        }
        assert_eq!(saved(), expected);
    });
}
