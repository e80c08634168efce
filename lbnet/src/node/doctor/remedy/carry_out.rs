//! Carrying a remedy out on this host.

use ipvs::{ApplyError, Client, Plan};

use super::Remedy;
use crate::{Error, Host, HostRoute, LinkState, Preference, SetUp};

/// Why a remedy was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarryOutError {
    /// The host refused the change.
    #[error(transparent)]
    Host(#[from] Error),
    /// IPVS could not be asked.
    #[error(transparent)]
    Ipvs(#[from] ipvs::Error),
    /// IPVS refused the change.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// This crate cannot do it: it is for another host, for another program, for somebody outside, or for the
    /// operator.
    #[error("this cannot be done automatically: {0}")]
    NotAutomatic(Box<Remedy>),
}

impl Remedy {
    /// Carries this remedy out on a host.
    ///
    /// Set-ups are recorded in the journal, as with [`Director::up`](crate::Director::up). All other
    /// changes are not: nothing undoes them. Changes of IPVS are made in the network namespace of
    /// `host`.
    ///
    /// # Errors
    /// - [`CarryOutError::NotAutomatic`]: nothing was changed, as this crate cannot do it.
    ///   [`Remedy::is_automatic`] tells beforehand.
    /// - The others: the host or IPVS refused the change, mostly for want of `CAP_NET_ADMIN`.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(host: lbnet::Host) -> Result<(), Box<dyn std::error::Error>> {
    /// use lbnet::doctor::{Examination, examine};
    ///
    /// for finding in examine(&host, &Examination::default()).await?.findings {
    ///     for remedy in finding.remedies.iter().filter(|remedy| remedy.is_automatic()) {
    ///         remedy.carry_out(&host).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn carry_out(&self, host: &Host) -> Result<(), CarryOutError> {
        match self {
            Self::SetUp(SetUp::Director(director)) => {
                director.up(host).await?;
            }
            Self::SetUp(SetUp::RealServer(server)) => {
                server.up(host).await?;
            }
            Self::Change(change) => {
                let plan = Plan::from_iter([change.clone()]);
                // A client keeps the namespace that it was opened in.
                let mut ipvs = host.netns().run(Client::open)??;
                ipvs.apply(&plan)?;
            }
            Self::SetSysctl { key, value } => host.write_sysctl(key, *value)?,
            Self::LoadModule(module) => module.load()?,
            Self::SwitchOn(device) => host.set_link_state(device, LinkState::Up).await?,
            Self::SetMtu { device, mtu } => host.set_link_mtu(device, *mtu).await?,
            Self::DeleteAddress(address) => host.delete_address(address).await?,
            Self::DeprecateAddress(address) => {
                let preference = Preference::Deprecated;
                host.set_address_preference(address, preference).await?;
            }
            Self::AddRule(rule) => host.add_rule(rule).await?,
            Self::AddRoute(route) => add_route(host, route).await?,
            Self::DeleteRoute(route) => host.delete_host_route_of_anyone(route).await?,
            Self::ChangeGateway { route, gateway } => host.change_gateway(route, *gateway).await?,
            Self::ReplaceDefaultGateway(gateway) => host.replace_default_gateway(*gateway).await?,
            Self::AdvertiseMss(advertised) => host.advertise_mss(advertised).await?,
            Self::Ping(_)
            | Self::WriteFile { .. }
            | Self::OfOthers { .. }
            | Self::OnHost { .. }
            | Self::Outside { .. }
            | Self::Open(_) => return Err(CarryOutError::NotAutomatic(Box::new(self.clone()))),
        }
        Ok(())
    }

    /// Whether [`Remedy::carry_out`] can do it.
    pub fn is_automatic(&self) -> bool {
        match self {
            Self::SetUp(_)
            | Self::Change(_)
            | Self::SetSysctl { .. }
            | Self::LoadModule(_)
            | Self::SwitchOn(_)
            | Self::SetMtu { .. }
            | Self::DeleteAddress(_)
            | Self::DeprecateAddress(_)
            | Self::AddRule(_)
            | Self::AddRoute(_)
            | Self::DeleteRoute(_)
            | Self::ChangeGateway { .. }
            | Self::ReplaceDefaultGateway(_)
            | Self::AdvertiseMss(_) => true,
            Self::Ping(_)
            | Self::WriteFile { .. }
            | Self::OfOthers { .. }
            | Self::OnHost { .. }
            | Self::Outside { .. }
            | Self::Open(_) => false,
        }
    }
}

/// Adds a route that a set-up, carried out for another finding, may have added.
async fn add_route(host: &Host, route: &HostRoute) -> Result<(), Error> {
    match host.add_host_route(route).await {
        Err(error) if error.is_already_exists() => {
            let there = host.host_routes().await?;
            if there.iter().any(|status| status.route == *route) {
                return Ok(());
            }
            Err(error)
        }
        added => added,
    }
}
