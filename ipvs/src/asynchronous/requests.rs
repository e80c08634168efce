use std::time::Duration;

use super::Client;
use crate::{
    ApplyError, Batch, CommitReport, Destination, DestinationId, DestinationStatus, Difference,
    EachReport, Ensured, Error, IneffectiveServices, Info, NewServices, OnError, Plan,
    RestoreError, Service, ServiceId, ServiceStatus, SyncDaemon, SyncRole, Table, Timeouts,
    VirtualServerStatus,
};

impl Client {
    /// Like [`Client::set_patience`](crate::Client::set_patience). The time that a request waits for other
    /// requests does not count.
    pub async fn set_patience(&self, patience: Duration) {
        self.0.lock().await.set_patience(patience);
    }

    /// Like [`Client::set_ineffective_services`](crate::Client::set_ineffective_services).
    pub async fn set_ineffective_services(&self, services: IneffectiveServices) {
        self.0.lock().await.set_ineffective_services(services);
    }

    /// Like [`Client::info`](crate::Client::info).
    pub async fn info(&self) -> Result<Info, Error> {
        self.with(crate::Client::info).await
    }

    /// Like [`Client::flush`](crate::Client::flush).
    pub async fn flush(&self) -> Result<(), Error> {
        self.with(crate::Client::flush).await
    }

    /// Like [`Client::zero`](crate::Client::zero).
    pub async fn zero(&self) -> Result<(), Error> {
        self.with(crate::Client::zero).await
    }

    /// Like [`Client::add_service`](crate::Client::add_service).
    pub async fn add_service(&self, service: &Service) -> Result<(), Error> {
        let service = service.clone();
        self.with(move |client| client.add_service(&service)).await
    }

    /// Like [`Client::update_service`](crate::Client::update_service).
    pub async fn update_service(&self, service: &Service) -> Result<(), Error> {
        let service = service.clone();
        self.with(move |client| client.update_service(&service))
            .await
    }

    /// Like [`Client::edit_service`](crate::Client::edit_service).
    pub async fn edit_service(
        &self,
        id: ServiceId,
        edit: impl FnOnce(&mut Service) + Send + 'static,
    ) -> Result<Service, Error> {
        self.with(move |client| client.edit_service(id, edit)).await
    }

    /// Like [`Client::ensure_service`](crate::Client::ensure_service).
    pub async fn ensure_service(&self, service: &Service) -> Result<Ensured, Error> {
        let service = service.clone();
        self.with(move |client| client.ensure_service(&service))
            .await
    }

    /// Like [`Client::delete_service`](crate::Client::delete_service).
    pub async fn delete_service(&self, id: ServiceId) -> Result<(), Error> {
        self.with(move |client| client.delete_service(id)).await
    }

    /// Like [`Client::zero_service`](crate::Client::zero_service).
    pub async fn zero_service(&self, id: ServiceId) -> Result<(), Error> {
        self.with(move |client| client.zero_service(id)).await
    }

    /// Like [`Client::service`](crate::Client::service).
    pub async fn service(&self, id: ServiceId) -> Result<ServiceStatus, Error> {
        self.with(move |client| client.service(id)).await
    }

    /// Like [`Client::find_service`](crate::Client::find_service).
    pub async fn find_service(&self, id: ServiceId) -> Result<Option<ServiceStatus>, Error> {
        self.with(move |client| client.find_service(id)).await
    }

    /// Like [`Client::services`](crate::Client::services).
    pub async fn services(&self) -> Result<Vec<ServiceStatus>, Error> {
        self.with(crate::Client::services).await
    }

    /// Like [`Client::add_destination`](crate::Client::add_destination).
    pub async fn add_destination(
        &self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        let destination = *destination;
        self.with(move |client| client.add_destination(service, &destination))
            .await
    }

    /// Like [`Client::update_destination`](crate::Client::update_destination).
    pub async fn update_destination(
        &self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        let destination = *destination;
        self.with(move |client| client.update_destination(service, &destination))
            .await
    }

    /// Like [`Client::edit_destination`](crate::Client::edit_destination).
    pub async fn edit_destination(
        &self,
        service: ServiceId,
        id: DestinationId,
        edit: impl FnOnce(&mut Destination) + Send + 'static,
    ) -> Result<Destination, Error> {
        self.with(move |client| client.edit_destination(service, id, edit))
            .await
    }

    /// Like [`Client::ensure_destination`](crate::Client::ensure_destination).
    pub async fn ensure_destination(
        &self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<Ensured, Error> {
        let destination = *destination;
        self.with(move |client| client.ensure_destination(service, &destination))
            .await
    }

    /// Like [`Client::delete_destination`](crate::Client::delete_destination).
    pub async fn delete_destination(
        &self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<(), Error> {
        self.with(move |client| client.delete_destination(service, id))
            .await
    }

    /// Like [`Client::destination`](crate::Client::destination).
    pub async fn destination(
        &self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<DestinationStatus, Error> {
        self.with(move |client| client.destination(service, id))
            .await
    }

    /// Like [`Client::find_destination`](crate::Client::find_destination).
    pub async fn find_destination(
        &self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<Option<DestinationStatus>, Error> {
        self.with(move |client| client.find_destination(service, id))
            .await
    }

    /// Like [`Client::destinations`](crate::Client::destinations).
    pub async fn destinations(&self, service: ServiceId) -> Result<Vec<DestinationStatus>, Error> {
        self.with(move |client| client.destinations(service)).await
    }

    /// Like [`Client::for_each_service`](crate::Client::for_each_service). `each` runs on another thread, and
    /// runs to the end even if the future is dropped.
    pub async fn for_each_service(
        &self,
        each: impl FnMut(ServiceStatus) + Send + 'static,
    ) -> Result<(), Error> {
        self.with(move |client| client.for_each_service(each)).await
    }

    /// Like [`Client::for_each_destination`](crate::Client::for_each_destination). `each` runs on another
    /// thread, and runs to the end even if the future is dropped.
    pub async fn for_each_destination(
        &self,
        service: ServiceId,
        each: impl FnMut(DestinationStatus) + Send + 'static,
    ) -> Result<(), Error> {
        self.with(move |client| client.for_each_destination(service, each))
            .await
    }

    /// Like [`Client::for_each_virtual_server`](crate::Client::for_each_virtual_server). `each` runs on
    /// another thread, and runs to the end even if the future is dropped.
    pub async fn for_each_virtual_server(
        &self,
        each: impl FnMut(&ServiceStatus, &[DestinationStatus]) + Send + 'static,
    ) -> Result<(), Error> {
        self.with(move |client| client.for_each_virtual_server(each))
            .await
    }

    /// Like [`Client::virtual_servers`](crate::Client::virtual_servers).
    pub async fn virtual_servers(&self) -> Result<Vec<VirtualServerStatus>, Error> {
        self.with(crate::Client::virtual_servers).await
    }

    /// Like [`Client::table`](crate::Client::table).
    pub async fn table(&self) -> Result<Table, Error> {
        self.with(crate::Client::table).await
    }

    /// Like [`Client::apply`](crate::Client::apply). Dropping the future does not leave a plan half applied:
    /// once begun, it is applied or undone completely.
    pub async fn apply(&self, plan: &Plan) -> Result<(), ApplyError> {
        let Some(first) = plan.changes().first().cloned() else {
            return Ok(());
        };
        let plan = plan.clone();
        let outcome = self.with(move |client| Ok(client.apply(&plan))).await;
        outcome.unwrap_or_else(|source| {
            Err(ApplyError {
                change: Box::new(first),
                source,
                not_undone: Vec::new(),
            })
        })
    }

    /// Like [`Client::check_difference`](crate::Client::check_difference).
    pub async fn check_difference(&self, difference: Difference<'_>) -> Result<usize, ApplyError> {
        self.0.lock().await.check_difference(difference)
    }

    /// Like [`Client::apply_difference`](crate::Client::apply_difference). Both tables are copied for the
    /// thread that applies it. Dropping the future does not leave a difference half applied.
    pub async fn apply_difference(&self, difference: Difference<'_>) -> Result<usize, ApplyError> {
        let Some(first) = difference.changes().next() else {
            return Ok(0);
        };
        let (live, wanted) = difference.tables();
        let (live, wanted) = (live.clone(), wanted.clone());
        let (new_services, others) = difference.options();
        let outcome = self.with(move |client| {
            let difference = Difference::between(&live, &wanted);
            let difference = difference.new_services(new_services).others(others);
            Ok(client.apply_difference(difference))
        });
        outcome.await.unwrap_or_else(|source| {
            Err(ApplyError {
                change: Box::new(first),
                source,
                not_undone: Vec::new(),
            })
        })
    }

    /// Like [`Client::apply_each`](crate::Client::apply_each).
    ///
    /// # Errors
    /// [`Error::Kernel`]: the runtime is shutting down. Nothing was begun.
    pub async fn apply_each(&self, plan: &Plan) -> Result<EachReport, Error> {
        let plan = plan.clone();
        self.with(move |client| Ok(client.apply_each(&plan))).await
    }

    /// Like [`Client::restore`](crate::Client::restore). Dropping the future does not leave a table half
    /// restored: once begun, it is restored or undone completely.
    pub async fn restore(
        &self,
        wanted: &Table,
        new_services: NewServices,
    ) -> Result<usize, RestoreError> {
        let wanted = wanted.clone();
        self.with(move |client| Ok(client.restore(&wanted, new_services)))
            .await?
    }

    /// Like [`Client::commit`](crate::Client::commit). The batch moves to another thread and comes back with
    /// the report. If the future is dropped, the batch is carried out all the same and its report is lost.
    ///
    /// # Errors
    /// The runtime is shutting down, and nothing was sent. The report contains all other errors.
    pub async fn commit(
        &self,
        batch: Batch,
        on_error: OnError,
    ) -> Result<(CommitReport, Batch), Error> {
        let mut batch = batch;
        self.with(move |client| Ok((client.commit(&mut batch, on_error), batch)))
            .await
    }

    /// Like [`Client::timeouts`](crate::Client::timeouts).
    pub async fn timeouts(&self) -> Result<Timeouts, Error> {
        self.with(crate::Client::timeouts).await
    }

    /// Like [`Client::set_timeouts`](crate::Client::set_timeouts).
    pub async fn set_timeouts(&self, timeouts: &Timeouts) -> Result<(), Error> {
        let timeouts = *timeouts;
        self.with(move |client| client.set_timeouts(&timeouts))
            .await
    }

    /// Like [`Client::replace_timeouts`](crate::Client::replace_timeouts).
    pub async fn replace_timeouts(&self, timeouts: &Timeouts) -> Result<Timeouts, Error> {
        let timeouts = *timeouts;
        self.with(move |client| client.replace_timeouts(&timeouts))
            .await
    }

    /// Like [`Client::start_sync_daemon`](crate::Client::start_sync_daemon).
    pub async fn start_sync_daemon(&self, daemon: &SyncDaemon) -> Result<(), Error> {
        let daemon = daemon.clone();
        self.with(move |client| client.start_sync_daemon(&daemon))
            .await
    }

    /// Like [`Client::stop_sync_daemon`](crate::Client::stop_sync_daemon).
    pub async fn stop_sync_daemon(&self, role: SyncRole) -> Result<(), Error> {
        self.with(move |client| client.stop_sync_daemon(role)).await
    }

    /// Like [`Client::sync_daemons`](crate::Client::sync_daemons).
    pub async fn sync_daemons(&self) -> Result<Vec<SyncDaemon>, Error> {
        self.with(crate::Client::sync_daemons).await
    }
}
