//! The command that sets a director up.

use crate::{Director, Placement};

impl Director {
    /// The command that sets it up.
    pub(super) fn typed(&self) -> String {
        let mut typed = format!(
            "ipvs-rs director up --vip {} --device {}",
            self.vip, self.device
        );
        let mut option = |text: String| typed.push_str(&text);
        if let Some(label) = &self.label {
            option(format!(" --label {label}"));
        }
        match &self.placement {
            Placement::Device => {}
            Placement::Loopback => option(" --place lo".to_owned()),
            Placement::Dummy(name) => option(format!(" --place dummy:{name}")),
            Placement::Route => option(" --place route".to_owned()),
        }
        if self.masquerade {
            option(" --forward masquerade".to_owned());
        }
        if let Some(gateway) = &self.gateway {
            option(format!(" --gateway {gateway}"));
        }
        if self.conntrack {
            option(" --conntrack".to_owned());
        }
        typed
    }
}
