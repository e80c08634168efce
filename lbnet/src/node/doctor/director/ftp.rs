//! Whether IPVS translates the addresses that FTP sends in its messages.

use ipvs::{Protocol, ServiceId};

use crate::{
    Module,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// The port that `ip_vs_ftp` handles, unless it was loaded with others.
const FTP: u16 = 21;

pub(super) fn check(_view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut ids = balancing.masqueraded().map(|(service, _)| service.id);
    let Some(service) = ids.find(|id| is_ftp(*id)) else {
        return Vec::new();
    };
    let mut helpers = balancing.applications.iter();
    if helpers.any(|it| it.protocol == Protocol::Tcp && it.port.get() == FTP) {
        return Vec::new();
    }
    let finding = Finding::problem(
        FindingKind::FtpHelperMissing,
        format!("{service} is masqueraded, and the module ip_vs_ftp is not loaded for port {FTP}"),
        "An FTP server tells clients its own address for transfers: they log in, but listings and \
         downloads hang. The kernel does not load this module by itself.",
    );
    vec![finding.fix(Remedy::LoadModule(Module::IpVsFtp))]
}

/// The kernel looks for a helper by the port that the client connects to.
fn is_ftp(service: ServiceId) -> bool {
    let port = balancing::port(service);
    port.is_some_and(|(protocol, port)| protocol == Protocol::Tcp && port.get() == FTP)
}

#[cfg(test)]
mod tests {
    use ipvs::{Endpoint, Service};

    use super::*;
    use crate::node::doctor::testing::{direct, kinds, masqueraded, of, remedies};

    #[test]
    fn only_masqueraded_ftp_needs_the_module() {
        let found = |port: u16, server| {
            let vip = Endpoint::new("10.10.10.100".parse().unwrap(), port);
            check(&HostView::default(), &of(Service::tcp(vip), [server]))
        };
        let findings = found(21, masqueraded("10.10.20.12"));
        assert_eq!(kinds(&findings), [FindingKind::FtpHelperMissing]);
        assert_eq!(remedies(&findings), ["load the module ip_vs_ftp"]);
        assert_eq!(found(21, direct("10.10.20.12")), []);
        assert_eq!(found(80, masqueraded("10.10.20.12")), []);
    }
}
