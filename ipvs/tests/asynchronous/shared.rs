//! One client, many tasks.

use std::sync::mpsc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use ipvs::asynchronous::Client;
use ipvs::settings::{self, Defense};
use ipvs::testing::{Command, FakeKernel};
use ipvs::{
    Connection, DestinationStatus, Endpoint, Error, NewServices, Service, ServiceId, ServiceStatus,
};
use ipvs_sys::Errno;

use super::gate::Gate;
use super::{kernel_with_web, web};

#[test]
fn a_client_is_for_any_number_of_tasks() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Client>();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_task_gets_the_answer_to_its_own_request() {
    let client = Client::from(FakeKernel::new().client().unwrap());
    let tasks: Vec<_> = (1..=100)
        .map(|port| {
            let client = client.clone();
            tokio::spawn(async move {
                let id = ServiceId::tcp(Endpoint::new([192, 0, 2, 10].into(), port));
                client.add_service(&Service::new(id)).await.unwrap();
                assert_eq!(client.service(id).await.unwrap().service.id, id);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(client.services().await.unwrap().len(), 100);
}

#[tokio::test]
async fn requests_are_made_in_the_order_in_which_they_were_asked() {
    let client = Client::from(FakeKernel::new().client().unwrap());
    let service = Service::new(web());
    let (added, updated, deleted, again) = tokio::join!(
        biased;
        client.add_service(&service),
        client.update_service(&service),
        client.delete_service(web()),
        client.delete_service(web()),
    );
    added.unwrap();
    updated.unwrap();
    deleted.unwrap();
    assert!(again.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "current_thread")]
async fn a_kernel_that_takes_its_time_does_not_hold_up_the_runtime() {
    let kernel = kernel_with_web();
    let (client, gate) = Gate::before(&kernel);
    gate.close();
    let waiting = tokio::spawn(async move { client.services().await });
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!waiting.is_finished());
    gate.open();
    assert_eq!(waiting.await.unwrap().unwrap().len(), 1);
}

#[tokio::test]
async fn refusals_are_the_same_errors() {
    let kernel = kernel_with_web();
    let client = Client::from(kernel.client().unwrap());
    let error = client.add_service(&Service::new(web())).await.unwrap_err();
    assert!(matches!(error, Error::ServiceExists(id) if id == web()));
    kernel.refuse_next(Command::Flush, Errno::ENOMEM as i32);
    assert_eq!(
        client.flush().await.unwrap_err().raw_os_error(),
        Some(Errno::ENOMEM as i32)
    );
    kernel.silence_next(Command::Zero);
    client.set_patience(Duration::from_millis(7)).await;
    let error = client.zero().await.unwrap_err();
    assert_eq!(error.to_string(), "no answer from the kernel within 7ms");
    client.zero().await.unwrap();
}

#[tokio::test]
async fn several_calls_can_be_one_request() {
    let client = Client::from(kernel_with_web().client().unwrap());
    let (service, destinations) = client
        .with(|ipvs| Ok((ipvs.service(web())?, ipvs.destinations(web())?)))
        .await
        .unwrap();
    assert_eq!((service.service.id, destinations.len()), (web(), 1));
}

#[tokio::test]
async fn a_table_is_restored_and_read_one_by_one() {
    let client = Client::from(kernel_with_web().client().unwrap());
    let wanted = client.table().await.unwrap();
    client.flush().await.unwrap();
    let restored = client.restore(&wanted, NewServices::ScheduledFirst).await;
    assert_eq!(restored.unwrap(), 2);

    let (to, from) = mpsc::channel();
    let tell = to.clone();
    let each = move |status: ServiceStatus| tell.send(status.service.id.to_string()).unwrap();
    client.for_each_service(each).await.unwrap();
    let tell = to.clone();
    let each = move |status: DestinationStatus| {
        tell.send(status.destination.id.to_string()).unwrap();
    };
    client.for_each_destination(web(), each).await.unwrap();
    let each = move |service: &ServiceStatus, destinations: &[DestinationStatus]| {
        let id = service.service.id;
        to.send(format!("{id} with {}", destinations.len()))
            .unwrap();
    };
    client.for_each_virtual_server(each).await.unwrap();
    let told: Vec<_> = from.iter().collect();
    let service = "tcp:192.0.2.10:80";
    assert_eq!(
        told,
        [service, "198.51.100.7:80", &format!("{service} with 1")]
    );
}

#[tokio::test]
async fn a_panic_goes_to_whoever_asked_and_the_client_lives_on() {
    let client = Client::from(kernel_with_web().client().unwrap());
    let asked = tokio::spawn({
        let client = client.clone();
        async move { client.edit_service(web(), |_| panic!("on purpose")).await }
    });
    assert!(asked.await.unwrap_err().is_panic());
    assert_eq!(client.services().await.unwrap().len(), 1);
}

#[tokio::test]
async fn connections_come_one_by_one_and_need_not_be_read_to_the_end() {
    let kernel = kernel_with_web();
    let line = "TCP C0A80102 C5C6 C000020A 0050 C6336407 0050 ESTABLISHED     897";
    let connection = Connection::parse(line).unwrap();
    kernel.edit_connections(|connections| *connections = vec![connection.clone(); 3000]);
    let client = Client::from(kernel.client().unwrap());

    let mut abandoned = client.connections().await.unwrap();
    assert_eq!(abandoned.next().await.unwrap().unwrap(), connection);
    drop(abandoned);

    let mut connections = client.connections_with_origin().await.unwrap();
    let mut count = 0;
    while let Some(connection) = connections.next().await {
        assert_eq!(
            connection.unwrap().destination.to_string(),
            "198.51.100.7:80"
        );
        count += 1;
    }
    assert_eq!(count, 3000);

    let stream = client.connections().await.unwrap();
    let all: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(all, vec![connection; 3000]);
}

#[tokio::test]
async fn files_and_settings_are_read_and_written() {
    let kernel = kernel_with_web();
    kernel.edit_totals(|totals| totals.connections = 7);
    let client = Client::from(kernel.client().unwrap());
    assert_eq!(client.totals().await.unwrap().connections, 7);
    assert_eq!(client.totals_by_cpu().await.unwrap().len(), 1);
    assert_eq!(client.listing().await.unwrap().services.len(), 1);
    assert_eq!(client.applications().await.unwrap(), []);
    assert_eq!(client.connection_table_bits().await.unwrap(), 12);
    client
        .set_setting(&settings::DROP_ENTRY, Defense::On)
        .await
        .unwrap();
    let drop_entry = client.setting(&settings::DROP_ENTRY).await.unwrap();
    assert_eq!(drop_entry, Defense::On);
    let before = client.replace_setting(&settings::DROP_ENTRY, Defense::Off);
    assert_eq!(before.await.unwrap(), Defense::On);
    let before = client.replace_setting(&settings::DROP_ENTRY, Defense::On);
    assert_eq!(before.await.unwrap(), Defense::Off);
    let settings = client.settings().await.unwrap();
    assert!(settings.contains(&("drop_entry".to_owned(), "3".to_owned())));
}
