use ipvs::Service;

/// Marks a service that gets no traffic, whatever its destinations are.
pub(super) fn mark(service: &Service) -> Option<String> {
    let reason = service.ineffective()?;
    (!reason.is_served()).then(|| "never served".to_owned())
}

/// A line about a service that does not do what its configuration says.
pub(super) fn note(service: &Service) -> Option<String> {
    let reason = service.ineffective()?;
    Some(format!("note: service {} {reason}", service.id))
}
