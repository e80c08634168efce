//! Brings a file that a person wrote up to date, and keeps what the person wrote.

mod error;
mod merge;
mod replace;
mod sections;

use std::path::Path;

pub use error::UpdateFileError;

use serde::Serialize;

use super::File;
use crate::SetUp;

/// What [`File::update_at`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Updated {
    /// There was no file; it was created.
    Created,
    /// The file was replaced by one that says the same as the value.
    Changed,
    /// The file said the same already.
    UpToDate,
}

impl File {
    /// Returns the text of a file that says what this value says, made from the text of an earlier one:
    /// comments, the order and the form of everything that stays the same are kept.
    ///
    /// Of the host, set-ups are added and changed, but none is removed: a set-up of the text may be down at
    /// the moment. A section about the host in which something changes is written anew; the comments before
    /// it stay.
    ///
    /// # Errors
    /// - [`UpdateFileError::Wrong`]: the text is wrong.
    /// - [`UpdateFileError::Words`]: the file has no word for something in this value.
    /// - [`UpdateFileError::Form`]: the text has a form that cannot be changed.
    ///
    /// # Examples
    /// ```
    /// use lbnet::File;
    ///
    /// let text = "# our web site\n[[service]]\ntcp = \"192.0.2.100:80\"\nscheduler = \"rr\" # fair\n";
    /// let mut file = File::parse(text)?;
    /// file.table.virtual_servers[0].service.scheduler = ipvs::Scheduler::SOURCE_HASHING;
    /// assert_eq!(file.updated(text)?, text.replace("\"rr\"", "\"sh\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn updated(&self, text: &str) -> Result<String, UpdateFileError> {
        let before = Self::parse(text).map_err(UpdateFileError::Wrong)?;
        let wanted = self.with_set_ups_of(&before);
        let updated = sections::updated(text, &before, &wanted)?;
        // Whatever form the text has: nothing is written that says something else.
        match Self::parse(&updated) {
            Ok(read) if read.says_the_same(&wanted) => Ok(updated),
            _ => Err(UpdateFileError::Form),
        }
    }

    /// Makes a file say what this value says, as [`updated`](Self::updated) does. A file that does not
    /// exist is created.
    ///
    /// The new file is complete before it takes the place of the old one, with its owner and permissions.
    /// Symbolic links are not followed.
    ///
    /// # Errors
    /// [`UpdateFileError`]. The file is as it was.
    pub fn update_at(&self, path: impl AsRef<Path>) -> Result<Updated, UpdateFileError> {
        let path = path.as_ref();
        let Some(present) = replace::Present::open(path)? else {
            let text = self.to_toml().map_err(UpdateFileError::Words)?;
            replace::create(path, &text)?;
            return Ok(Updated::Created);
        };
        let text = self.updated(present.text())?;
        if text == present.text() {
            return Ok(Updated::UpToDate);
        }
        present.replace(&text)?;
        Ok(Updated::Changed)
    }

    /// This file, with those set-ups of another that it does not have.
    fn with_set_ups_of(&self, before: &Self) -> Self {
        let mut wanted = Self::new(self.table.clone());
        let ours: Vec<_> = self.set_ups().collect();
        let mut rest = ours.clone();
        for set_up in before.set_ups() {
            rest.retain(|ours| ours.id() != set_up.id());
            let kept = if ours.contains(&set_up) {
                set_up
            } else {
                let instead = ours.iter().find(|ours| ours.id() == set_up.id());
                instead.cloned().unwrap_or(set_up)
            };
            wanted.add_set_ups([kept]);
        }
        wanted.add_set_ups(rest);
        wanted
    }

    fn set_ups(&self) -> impl Iterator<Item = SetUp> + '_ {
        let directors = self.directors.iter().cloned().map(SetUp::from);
        directors.chain(self.real_servers.iter().cloned().map(SetUp::from))
    }

    /// Whether both files say the same, in whatever order they name the host's set-ups.
    fn says_the_same(&self, other: &Self) -> bool {
        let all_in = |one: &Self, other: &Self| {
            let others: Vec<_> = other.set_ups().collect();
            one.set_ups().all(|set_up| others.contains(&set_up))
        };
        self.table == other.table && all_in(self, other) && all_in(other, self)
    }
}
