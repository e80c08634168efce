//! Who waits for whom, and for how long.

use std::{
    future::poll_fn,
    num::NonZeroU32,
    pin::pin,
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use lbnet::{Announcement, AnnouncementOutcome, Report, Step};

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
