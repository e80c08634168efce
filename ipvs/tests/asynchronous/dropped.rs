//! A future that is dropped leaves nothing behind that the next request could see.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ipvs::asynchronous::Client;
use ipvs::testing::{Command, FakeKernel};
use ipvs::{
    Change, Destination, Endpoint, Plan, Scheduler, Service, ServiceId, SyncDaemon, SyncRole,
    Timeouts,
};

use super::gate::{Gate, eventually};
use super::{endpoint, kernel_with_web, server, web};

type Asked = Pin<Box<dyn Future<Output = ()>>>;
type Ask = fn(Client) -> Asked;

fn other() -> Endpoint {
    endpoint("198.51.100.8:80")
}

fn dns() -> Service {
    Service::udp(endpoint("192.0.2.10:53"))
}

fn master() -> SyncDaemon {
    SyncDaemon::new(SyncRole::Master, "eth0")
}

/// Every method that asks the kernel, and with which command it begins.
fn every_request() -> Vec<(Command, Ask)> {
    macro_rules! ask {
        ($command:ident: $client:ident $(.$method:ident)+ ($($argument:expr),*)) => {
            (Command::$command, (|$client: Client| -> Asked {
                Box::pin(async move { drop($client $(.$method)+ ($($argument),*).await) })
            }) as Ask)
        };
    }
    vec![
        ask!(GetInfo: client.info()),
        ask!(Flush: client.flush()),
        ask!(Zero: client.zero()),
        ask!(NewService: client.add_service(&dns())),
        ask!(SetService: client.update_service(&Service::new(web()))),
        ask!(GetService: client.edit_service(web(), |web| web.scheduler = Scheduler::ROUND_ROBIN)),
        ask!(GetService: client.ensure_service(&dns())),
        ask!(DelService: client.delete_service(web())),
        ask!(Zero: client.zero_service(web())),
        ask!(GetService: client.service(web())),
        ask!(GetService: client.services()),
        ask!(NewDest: client.add_destination(web(), &Destination::new(other()))),
        ask!(SetDest: client.update_destination(web(), &Destination::new(server()))),
        ask!(GetDest: client.edit_destination(web(), server(), |server| server.weight = 0)),
        ask!(GetDest: client.ensure_destination(web(), &Destination::new(other()))),
        ask!(DelDest: client.delete_destination(web(), server())),
        ask!(GetDest: client.destination(web(), server())),
        ask!(GetDest: client.destinations(web())),
        ask!(GetService: client.virtual_servers()),
        ask!(GetConfig: client.table()),
        ask!(NewService: client.apply(&Plan::from_iter([Change::AddService(dns())]))),
        ask!(GetConfig: client.timeouts()),
        ask!(SetConfig: client.set_timeouts(&Timeouts::default().tcp(Duration::from_secs(7)))),
        ask!(NewDaemon: client.start_sync_daemon(&master())),
        ask!(DelDaemon: client.stop_sync_daemon(SyncRole::Master)),
        ask!(GetDaemon: client.sync_daemons()),
    ]
}

fn poll(asked: &mut Asked) -> Poll<()> {
    asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Each of these has an answer that is none of the others'.
async fn assert_answers_are_its_own(client: &Client, kernel: &FakeKernel) {
    let mut witness = kernel.client().unwrap();
    assert_eq!(client.info().await.unwrap(), witness.info().unwrap());
    assert_eq!(client.table().await.unwrap(), witness.table().unwrap());
    let missing = ServiceId::sctp(endpoint("192.0.2.99:1"));
    let error = client.delete_service(missing).await.unwrap_err();
    assert_eq!(error.to_string(), "no such service: sctp:192.0.2.99:1");
    assert_eq!(
        client.timeouts().await.unwrap(),
        witness.timeouts().unwrap()
    );
}

#[tokio::test]
async fn what_was_dropped_before_its_turn_is_not_asked() {
    for (_, ask) in every_request() {
        let kernel = kernel_with_web();
        let (client, gate) = Gate::before(&kernel);
        drop(ask(client.clone()));

        gate.close();
        let before = tokio::spawn({
            let client = client.clone();
            async move { client.info().await }
        });
        let mut asked = Vec::new();
        while asked.is_empty() {
            tokio::task::yield_now().await;
            asked = kernel.take_requests();
        }
        assert_eq!(asked, [Command::GetInfo]);
        let mut waiting = ask(client.clone());
        assert_eq!(poll(&mut waiting), Poll::Pending);
        drop(waiting);
        gate.open();
        before.await.unwrap().unwrap();

        assert_eq!(kernel.take_requests(), []);
        assert_answers_are_its_own(&client, &kernel).await;
    }
}

#[tokio::test]
async fn what_was_dropped_while_the_kernel_answers_is_done_and_its_answer_is_gone() {
    for (first, ask) in every_request() {
        // The same in one go: what is carried out, and with which requests.
        let kernel = kernel_with_web();
        ask(Client::from(kernel.client().unwrap())).await;
        let requests = kernel.take_requests();
        let table = kernel.client().unwrap().table().unwrap();

        let kernel = kernel_with_web();
        let (client, gate) = Gate::before(&kernel);
        gate.close();
        let mut dropped = ask(client.clone());
        assert_eq!(poll(&mut dropped), Poll::Pending);
        let mut asked = Vec::new();
        eventually(|| {
            asked.extend(kernel.take_requests());
            !asked.is_empty()
        });
        assert_eq!(asked, [first]);
        drop(dropped);
        gate.open();

        assert_answers_are_its_own(&client, &kernel).await;
        asked.extend(kernel.take_requests());
        assert_eq!(
            asked.get(..requests.len()),
            Some(&requests[..]),
            "{first:?}"
        );
        assert_eq!(
            kernel.client().unwrap().table().unwrap(),
            table,
            "{first:?}"
        );
    }
}

#[tokio::test]
async fn what_was_dropped_with_its_answer_there_takes_it_along() {
    for (first, ask) in every_request() {
        let kernel = kernel_with_web();
        let (client, gate) = Gate::before(&kernel);
        gate.close();
        let mut dropped = ask(client.clone());
        assert_eq!(poll(&mut dropped), Poll::Pending, "{first:?}");
        gate.open();
        // The next in the line is served when it is done.
        client.info().await.unwrap();
        drop(dropped);
        assert_answers_are_its_own(&client, &kernel).await;
    }
}

#[tokio::test]
async fn half_a_plan_is_not_left_behind() {
    let kernel = kernel_with_web();
    let (client, gate) = Gate::before(&kernel);
    let services = (1..=50).map(|port| Service::tcp(Endpoint::new([192, 0, 2, 1].into(), port)));
    let plan: Plan = services.map(Change::AddService).collect();
    gate.close();
    {
        let mut apply = Box::pin(client.apply(&plan));
        let polled = apply.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        eventually(|| !kernel.take_requests().is_empty());
    }
    gate.open();
    assert_eq!(client.services().await.unwrap().len(), 51);
}
