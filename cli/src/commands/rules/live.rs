use ipvs::{Client, Error, Table};

use crate::ipvsadm::rules::Live;
use crate::session::Session;

/// The kernel's table, read once, when it is first needed. Wrong input is so refused before anything is
/// asked of the kernel.
pub(super) struct LiveTable<'a, 's> {
    session: &'a Session<'s>,
    read: Option<(Client, Table)>,
}

impl<'a, 's> LiveTable<'a, 's> {
    pub(super) fn new(session: &'a Session<'s>) -> Self {
        Self {
            session,
            read: None,
        }
    }

    /// The client and the table that it read.
    pub(super) fn into_parts(self) -> Result<(Client, Table), Error> {
        match self.read {
            Some(read) => Ok(read),
            None => read(self.session),
        }
    }
}

impl Live for LiveTable<'_, '_> {
    fn table(&mut self) -> Result<&Table, Error> {
        let read = match self.read.take() {
            Some(read) => read,
            None => read(self.session)?,
        };
        Ok(&self.read.insert(read).1)
    }
}

fn read(session: &Session<'_>) -> Result<(Client, Table), Error> {
    let mut ipvs = session.ipvs()?;
    let table = ipvs.table()?;
    Ok((ipvs, table))
}
