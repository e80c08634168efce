//! Who waits for whom, and for how long.

use std::{
    future::poll_fn,
    num::NonZeroU32,
    pin::pin,
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use lbnet::{Announcement, AnnouncementOutcome, Director, Host, Released, Report, SetUp, Step};

use crate::machine::{Machine, VIP, director, real_server};

/// Two rounds, so far apart that nobody could take it for waiting by chance.
fn patiently() -> Announcement {
    let twice = NonZeroU32::MIN.saturating_add(1);
    Announcement::default()
        .rounds(twice)
        .interval(Duration::from_secs(4))
}

/// What came of the work within some time; it is dropped then.
pub(crate) async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    let deadline = Instant::now() + time;
    let mut work = pin!(work);
    let mut alarm = None;
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        if Instant::now() >= deadline {
            return Poll::Ready(None);
        }
        alarm.get_or_insert_with(|| {
            let waker = context.waker().clone();
            thread::spawn(move || {
                thread::sleep(time);
                waker.wake();
            })
        });
        Poll::Pending
    })
    .await
}

fn announced(report: &Report) -> bool {
    report.steps().iter().any(|step| {
        matches!(
            step,
            Step::Announcement {
                outcome: AnnouncementOutcome::Announced(_),
                ..
            }
        )
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn set_ups_do_not_wait_for_the_announcements_of_others() {
    let machine = Machine::new();
    let begun = Instant::now();
    thread::scope(|scope| {
        for number in 101..=103 {
            let director = director(&format!("10.10.10.{number}/24")).announce(patiently());
            let machine = &machine;
            scope.spawn(move || {
                let report = machine.host(async |host| director.up(host).await.unwrap());
                assert!(announced(&report), "{report}");
            });
        }
    });
    let three_in_a_row = 3 * Duration::from_secs(4);
    assert!(begun.elapsed() < three_in_a_row, "{:?}", begun.elapsed());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_announcement_that_was_cut_off_is_made_by_the_next_up() {
    let machine = Machine::new();
    let before = machine.dump();
    machine.host(async |host| {
        let director = director("10.10.10.100/24").announce(patiently());
        let cut_off = within(Duration::from_secs(1), director.up(host)).await;
        assert!(cut_off.is_none(), "it was done in time");
        assert!(machine.ip("address show eth0").contains(VIP));
        let next = director.up(host).await.unwrap();
        assert!(announced(&next), "{next}");
        let third = director.up(host).await.unwrap();
        assert!(!third.changed(), "{third}");
        director.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

/// How often a VIP was announced, and how often it still has to be.
fn sent_and_left(report: &Report) -> Vec<(u32, u32)> {
    let sent_and_left = |step: &Step| match step {
        Step::Announcement {
            outcome: AnnouncementOutcome::Announced(announced),
            ..
        } => Some((announced.rounds, announced.left)),
        _ => None,
    };
    report.steps().iter().filter_map(sent_and_left).collect()
}

/// Three rounds, as by default, and no longer than a test needs.
fn thrice() -> Announcement {
    Announcement::default().interval(Duration::from_millis(300))
}

/// Sets directors up, and announces each once.
async fn up_early<'host>(host: &'host Host, directors: &[Director]) -> Released<'host> {
    let set_ups: Vec<_> = directors.iter().cloned().map(SetUp::from).collect();
    let mut locked = host.prepare(&set_ups).await.unwrap().lock().await.unwrap();
    for set_up in &set_ups {
        locked.up(set_up).await.unwrap();
    }
    locked.release_early().await.unwrap()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn everything_stands_and_is_announced_before_the_repeats() {
    let machine = Machine::new();
    machine.host(async |host| {
        let vips = ["10.10.10.100/24", "10.10.10.101/24"];
        let vips = vips.map(|vip| director(vip).announce(thrice()));
        let released = up_early(host, &vips).await;
        assert!(released.has_repeats());
        assert_eq!(sent_and_left(&released.report()), [(1, 2), (1, 2)]);
        assert!(machine.ip("address show eth0").contains("10.10.10.101"));
        // Nobody waits for the repeats.
        director("10.10.10.102/24").up(host).await.unwrap();
        let whole = released.finish().await.unwrap();
        assert_eq!(sent_and_left(&whole), [(3, 0), (3, 0)]);
        host.reconcile(&[], &[]).await.unwrap();
    });
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn repeats_that_were_cut_off_are_due() {
    let machine = Machine::new();
    machine.host(async |host| {
        let vip = director("10.10.10.100/24").announce(thrice());
        drop(up_early(host, std::slice::from_ref(&vip)).await);
        // Another run changes nothing, and leaves them due if it is cut off, too.
        let again = up_early(host, std::slice::from_ref(&vip)).await;
        assert!(!again.report().changed(), "{}", again.report());
        assert!(again.has_repeats());
        drop(again);
        let due = host.announce_due().await.unwrap();
        assert_eq!(sent_and_left(&due), [(2, 0)]);
        let nothing = host.announce_due().await.unwrap();
        assert_eq!(nothing.steps(), []);
        drop(up_early(host, &[vip.clone().label("eth0:0")]).await);
        let next = vip.label("eth0:0").up(host).await.unwrap();
        assert_eq!(sent_and_left(&next), [(2, 0)]);
        host.reconcile(&[], &[]).await.unwrap();
    });
    assert!(machine.is_clean());
}

/// Another host may have it by then.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_this_host_has_given_up_is_not_announced_again() {
    let machine = Machine::new();
    machine.host(async |host| {
        let vips = ["10.10.10.100/24", "10.10.10.101/24", "10.10.10.102/24"];
        let vips = vips.map(|vip| director(vip).announce(thrice()));
        let released = up_early(host, &vips).await;
        vips[0].down(host).await.unwrap();
        machine.ip("address delete 10.10.10.101/24 dev eth0");
        let whole = released.finish().await.unwrap();
        assert_eq!(sent_and_left(&whole), [(1, 0), (1, 0), (3, 0)]);
        host.reconcile(&[], &[]).await.unwrap();
    });
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn waiting_for_the_lock_ends_as_soon_as_the_future_is_dropped() {
    let machine = Machine::new();
    machine.host(async |host| {
        let server = real_server(VIP);
        let locked = host.lock().await.unwrap();
        let short = Duration::from_millis(200);
        let begun = Instant::now();
        let waited = within(short, server.up(host)).await;
        assert!(waited.is_none(), "the lock was not kept");
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(host.set_ups().unwrap(), []);
        locked.release().await.unwrap();
        server.up(host).await.unwrap();
    });
}
