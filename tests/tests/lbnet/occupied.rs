//! A VIP that another host has, or is about to take.

use std::{
    pin::pin,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use ipvs_lab::{netns::Netns, site::Site};
use lbnet::{AnnouncementOutcome, Conflict, Error, Host, Probe, SetUp, Step};
use tempfile::TempDir;

use crate::{
    machine::{VIP, address_outcome, assert_same, director, dump, lines, on_host},
    neighbours::{ip, mac},
    waiting::within,
};

/// Two hosts, and a journal of the first one.
struct Occupied {
    site: Site,
    journal: TempDir,
}

impl Occupied {
    fn new() -> Self {
        let site = Site::new(&[("first", "10.10.10.11/24"), ("second", "10.10.10.12/24")]);
        for host in site.hosts() {
            // Else each gets an address of its own, some time later.
            ip(host, "link set eth0 addrgenmode none");
            ip(host, "-6 address flush dev eth0");
        }
        Self {
            site,
            journal: tempfile::tempdir().unwrap(),
        }
    }

    fn first(&self) -> &Netns {
        self.site.host("first")
    }

    /// Gives an address to the other host.
    fn occupy(&self, address: &str) {
        let second = self.site.host("second");
        ip(second, &format!("address add {address} dev eth0"));
    }

    fn on_first<T>(&self, work: impl AsyncFnOnce(&Host) -> T) -> T {
        on_host(self.first(), self.journal.path(), work)
    }

    /// How an error names the other host.
    fn in_use(&self, address: &str) -> String {
        let mac = mac(self.site.host("second"));
        format!("{address} is in use by the host {mac} on eth0")
    }

    /// The error of something that must fail and leave the first host as it was.
    #[track_caller]
    fn refused<T: std::fmt::Debug>(
        &self,
        work: impl AsyncFnOnce(&Host) -> Result<T, Error>,
    ) -> String {
        let before = dump(self.first());
        let error = self.on_first(async |host| work(host).await.unwrap_err());
        assert!(
            matches!(error, Error::Conflict(Conflict::VipInUse { .. })),
            "{error}"
        );
        assert_same(&before, &dump(self.first()));
        let left = std::fs::read_dir(self.journal.path()).unwrap().count();
        assert_eq!(left, 0, "after {error}");
        error.to_string()
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_another_host_has_is_not_taken() {
    let site = Occupied::new();
    for (vip, theirs) in [
        ("10.10.10.100/24", "10.10.10.100/32"),
        ("fd10::100/128", "fd10::100/128 nodad"),
    ] {
        let (address, flags) = theirs.split_once(' ').unwrap_or((theirs, ""));
        ip(
            site.site.host("second"),
            &format!("address add {address} dev eth0 {flags}"),
        );
        let said = site.refused(async |host| director(vip).masquerade().up(host).await);
        let (alone, _) = vip.split_once('/').unwrap();
        assert_eq!(
            said,
            format!(
                "{}: take it down there first, or take it over with --claim",
                site.in_use(alone)
            )
        );
    }
}

/// Whoever keeps the lock while asking.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_another_host_has_is_not_taken_by_a_host_that_is_locked() {
    let site = Occupied::new();
    site.occupy("10.10.10.100/24");
    let said = site.refused(async |host| {
        let mut locked = host.lock().await?;
        let outcome = locked.up(&director("10.10.10.100/24").into()).await;
        locked.release().await.unwrap();
        outcome
    });
    assert!(said.starts_with(&site.in_use(VIP)), "{said}");
}

/// On this host it would be nowhere, and it would answer ARP all the same.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_another_host_has_is_not_taken_in_another_place_either() {
    let site = Occupied::new();
    site.occupy("10.10.10.100/24");
    let vip = director(VIP).placement(lbnet::Placement::Route);
    site.refused(async |host| vip.up(host).await);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_several_vips_none_is_taken_if_another_host_has_one() {
    let site = Occupied::new();
    site.occupy("10.10.10.101/24");
    site.occupy("10.10.10.103/24");
    let vips = ["10.10.10.100/24", "10.10.10.103/24", "10.10.10.101/24"].map(director);
    let said = site.refused(async |host| host.reconcile(&vips, &[]).await);
    let both = format!(
        "{}; {}: ",
        site.in_use("10.10.10.101"),
        site.in_use("10.10.10.103")
    );
    assert!(said.starts_with(&both), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_claimed_vip_is_taken_without_a_wait_and_the_claim_is_not_recorded() {
    let site = Occupied::new();
    site.occupy("10.10.10.100/24");
    site.on_first(async |host| {
        let vip = director("10.10.10.100/24");
        let report = vip.clone().claim().up(host).await.unwrap();
        assert!(report.changed(), "{report}");
        assert_eq!(host.set_ups().unwrap(), [SetUp::from(vip.clone())]);
        for again in [vip.clone().claim(), vip.clone()] {
            let again = again.up(host).await.unwrap();
            assert!(!again.changed(), "{again}");
        }
        vip.down(host).await.unwrap();
    });
}

/// A standby of keepalived has the VIP at a place of its own, or is about to get it.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_another_program_decides_who_has_the_vip_nobody_is_asked() {
    let site = Occupied::new();
    site.occupy("10.10.10.100/24");
    site.on_first(async |host| {
        let standby = director(VIP).placement(lbnet::Placement::Loopback);
        let standby = standby.unannounced();
        let report = standby.up(host).await.unwrap();
        assert_eq!(address_outcome(&report), &lbnet::ObjectOutcome::Added);
        standby.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_this_host_has_already_is_not_asked_for_again() {
    let site = Occupied::new();
    site.on_first(async |host| {
        let vip = director("10.10.10.100/24");
        vip.up(host).await.unwrap();
        site.occupy("10.10.10.100/24");
        let again = vip.up(host).await.unwrap();
        assert!(!again.changed(), "{again}");
        let label = vip.clone().label("eth0:0").up(host).await.unwrap();
        assert!(label.changed(), "{label}");
        vip.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_that_is_down_is_not_waited_for() {
    let site = Occupied::new();
    ip(site.first(), "link set eth0 down");
    site.on_first(async |_| {
        let host = patient(site.first(), &site.journal, Duration::from_secs(3600));
        let report = director("10.10.10.100/24").up(&host).await.unwrap();
        assert!(
            lines(&report).contains(&"added 10.10.10.100/24 to eth0".to_owned()),
            "{report}"
        );
    });
}

/// A host that waits this long for an answer.
fn patient(netns: &Netns, journal: &TempDir, wait: Duration) -> Host {
    let netns = lbnet::Netns::at(netns.path()).unwrap();
    let once = Probe::default().rounds(std::num::NonZeroU32::MIN);
    let host = Host::open(netns).unwrap().probing(once.interval(wait));
    host.journal_directory(journal.path())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn many_vips_are_asked_for_in_one_wait() {
    let site = Occupied::new();
    site.on_first(async |_| {
        let wait = Duration::from_secs(2);
        let host = patient(site.first(), &site.journal, wait);
        let vips: Vec<_> = (100..140)
            .map(|number| director(&format!("10.10.10.{number}/24")))
            .collect();
        let begun = Instant::now();
        host.reconcile(&vips, &[]).await.unwrap();
        let one_by_one = 40 * wait;
        assert!(begun.elapsed() < one_by_one, "{:?}", begun.elapsed());
        host.reconcile(&[], &[]).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn others_can_change_the_host_while_the_network_is_asked() {
    let site = Occupied::new();
    site.on_first(async |host| {
        let patient = patient(site.first(), &site.journal, Duration::from_secs(3600));
        let vip = [director("10.10.10.100/24").into()];
        let prepared = patient.prepare(&vip).await.unwrap();
        assert_eq!(prepared.questions().len(), 1);
        let mut asking = pin!(prepared.lock());
        let asked = within(Duration::from_millis(300), asking.as_mut()).await;
        assert!(asked.is_none(), "nobody could have answered");
        let other = director("10.10.10.101/24");
        other.up(host).await.unwrap();
        other.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_up_that_is_cut_off_while_it_asks_leaves_nothing() {
    let site = Occupied::new();
    let before = dump(site.first());
    site.on_first(async |_| {
        let patient = patient(site.first(), &site.journal, Duration::from_secs(3600));
        let vip = director("10.10.10.100/24");
        let cut_off = within(Duration::from_millis(300), vip.up(&patient)).await;
        assert!(cut_off.is_none(), "nobody could have answered");
    });
    assert_same(&before, &dump(site.first()));
    let left = std::fs::read_dir(site.journal.path()).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_hosts_that_are_set_up_at_the_same_time_do_not_both_take_the_vip() {
    let site = Occupied::new();
    let others = tempfile::tempdir().unwrap();
    let begun = Barrier::new(2);
    for vip in ["10.10.10.100/24", "fd10::100/128"] {
        let up = |netns: &Netns, journal: &TempDir| {
            on_host(netns, journal.path(), async |_| {
                let host = Host::open(lbnet::Netns::at(netns.path()).unwrap()).unwrap();
                let host = host.journal_directory(journal.path());
                begun.wait();
                director(vip).up(&host).await
            })
        };
        let (ours, theirs) = thread::scope(|scope| {
            let ours = scope.spawn(|| up(site.first(), &site.journal));
            let theirs = up(site.site.host("second"), &others);
            (ours.join().unwrap(), theirs)
        });
        let (report, error) = match (ours, theirs) {
            (Ok(report), Err(error)) | (Err(error), Ok(report)) => (report, error),
            (ours, theirs) => panic!("{ours:?} and {theirs:?}"),
        };
        let announced = report.steps().last();
        assert!(
            matches!(
                announced,
                Some(Step::Announcement {
                    outcome: AnnouncementOutcome::Announced(_),
                    ..
                })
            ),
            "{report}"
        );
        assert!(error.to_string().contains(" by the host "), "{error}");
    }
}
