use super::Client;
use crate::settings::{Setting, Value};
use crate::{Application, CpuStats, Error, Listing, Stats};

impl Client {
    /// Like [`Client::totals`](crate::Client::totals).
    pub async fn totals(&self) -> Result<Stats, Error> {
        self.with(|client| client.totals()).await
    }

    /// Like [`Client::totals_by_cpu`](crate::Client::totals_by_cpu).
    pub async fn totals_by_cpu(&self) -> Result<Vec<CpuStats>, Error> {
        self.with(|client| client.totals_by_cpu()).await
    }

    /// Like [`Client::listing`](crate::Client::listing).
    pub async fn listing(&self) -> Result<Listing, Error> {
        self.with(|client| client.listing()).await
    }

    /// Like [`Client::applications`](crate::Client::applications).
    pub async fn applications(&self) -> Result<Vec<Application>, Error> {
        self.with(|client| client.applications()).await
    }

    /// Like [`Client::connection_table_bits`](crate::Client::connection_table_bits).
    pub async fn connection_table_bits(&self) -> Result<u8, Error> {
        self.with(|client| client.connection_table_bits()).await
    }

    /// Like [`Client::setting`](crate::Client::setting).
    pub async fn setting<T: Value>(&self, setting: &Setting<T>) -> Result<T, Error> {
        let setting = setting.clone();
        self.with(move |client| client.setting(&setting)).await
    }

    /// Like [`Client::set_setting`](crate::Client::set_setting).
    pub async fn set_setting<T: Value>(&self, setting: &Setting<T>, value: T) -> Result<(), Error> {
        let setting = setting.clone();
        self.with(move |client| client.set_setting(&setting, value))
            .await
    }

    /// Like [`Client::replace_setting`](crate::Client::replace_setting).
    pub async fn replace_setting<T: Value + PartialEq>(
        &self,
        setting: &Setting<T>,
        value: T,
    ) -> Result<T, Error> {
        let setting = setting.clone();
        self.with(move |client| client.replace_setting(&setting, value))
            .await
    }

    /// Like [`Client::settings`](crate::Client::settings).
    pub async fn settings(&self) -> Result<Vec<(String, String)>, Error> {
        self.with(|client| client.settings()).await
    }
}
