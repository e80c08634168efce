//! What takes its time, while other requests go on.

use std::num::NonZeroU32;
use std::time::Duration;

use ipvs::asynchronous::Client;
use ipvs::{Drain, Drained, Ramp, Ramped};

use super::{kernel_with_web, server, web};

#[tokio::test]
async fn a_destination_is_drained_while_others_ask() {
    let kernel = kernel_with_web();
    let client = Client::from(kernel.client().unwrap());
    let active = |connections| {
        kernel
            .edit_traffic(web(), server(), |traffic| {
                traffic.active_connections = connections;
            })
            .unwrap();
    };
    active(1);
    let drain = Drain::new().every(Duration::from_millis(1));
    let mut looks = 0;
    let drained = client.drain_destination(web(), server(), &drain, |_| looks += 1);
    let others = async {
        loop {
            let status = client.destination(web(), server()).await.unwrap();
            if status.destination.weight == 0 {
                break active(0);
            }
            tokio::task::yield_now().await;
        }
    };
    let (drained, ()) = tokio::join!(drained, others);
    assert_eq!(drained.unwrap(), Drained::Empty);
    assert!(looks > 0);

    active(1);
    let limit = drain.within(Duration::from_millis(5));
    let drained = client.drain_destination(web(), server(), &limit, |_| {});
    assert!(matches!(drained.await, Ok(Drained::TimedOut(_))));
}

#[tokio::test]
async fn a_ramp_goes_through_its_weights_or_gives_way() {
    let client = Client::from(kernel_with_web().client().unwrap());
    let two = NonZeroU32::new(2).unwrap();
    let ramp = Ramp::to(11).steps(two).over(Duration::from_millis(1));
    let mut seen = Vec::new();
    let ramped = client.ramp_destination(web(), server(), &ramp, |weight| seen.push(weight));
    assert_eq!(ramped.await.unwrap(), Ramped::Done);
    assert_eq!(seen, [6, 11]);

    let slow = Ramp::to(100).steps(two).over(Duration::from_millis(50));
    let ramped = client.ramp_destination(web(), server(), &slow, |_| {});
    let other = client.edit_destination(web(), server(), |server| server.weight = 5);
    let later = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        other.await.unwrap()
    };
    let (ramped, _) = tokio::join!(ramped, later);
    assert_eq!(ramped.unwrap(), Ramped::Overtaken(5));
}

#[tokio::test(start_paused = true)]
async fn draining_waits_by_the_clock_of_the_runtime() {
    let kernel = kernel_with_web();
    let client = Client::from(kernel.client().unwrap());
    kernel
        .edit_traffic(web(), server(), |traffic| traffic.active_connections = 1)
        .unwrap();
    let minute = Drain::new().within(Duration::from_secs(60));
    let mut looks = 0;
    let drained = client.drain_destination(web(), server(), &minute, |_| looks += 1);
    assert!(matches!(drained.await, Ok(Drained::TimedOut(_))));
    assert_eq!(looks, 61);
}
