use clap::Args;
use ipvs::{ApplyError, Client, Error, IneffectiveServices, Invalid};

use crate::ending::Failure;

/// `--force`, for commands that add services.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Force {
    /// Accept a service that is never served, or whose persistence engine is never used
    #[arg(long)]
    force: bool,
}

impl Force {
    /// Lets the client add what this allows.
    pub(crate) fn tell(self, client: &mut Client) {
        if self.force {
            client.set_ineffective_services(IneffectiveServices::Accept);
        }
    }
}

/// An error that `--force` avoids names the option.
pub(crate) fn or_force(error: Error) -> Failure {
    match error {
        Error::Invalid(Invalid::Ineffective { .. }) => {
            format!("{error} (--force adds it nevertheless)").into()
        }
        error => error.into(),
    }
}

/// Like [`or_force`], for the changes of a whole table. None was made if one is refused for this.
pub(crate) fn or_force_all(error: ApplyError) -> Failure {
    match error.source {
        source @ Error::Invalid(Invalid::Ineffective { .. }) => or_force(source),
        _ => error.into(),
    }
}
