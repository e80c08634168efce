use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use ipvs::Replaced;
use lbnet::{File, SetUp, UpdateFileError, Updated};
use serde::Serialize;

use super::format::Format;
use super::{json, toml};
use crate::ending::{Failure, Outcome, say};
use crate::ipvsadm;
use crate::session::{Form, Session};

#[derive(Args, Debug)]
pub(crate) struct Save {
    /// Format of the output. toml: the file format of ipvs-rs, complete, with [director] and
    /// [real-server] as this host is set up; json: the services, timeouts and sync daemons for
    /// programs and large tables; ipvsadm: the lines of `ipvsadm -Sn`, with thresholds, without
    /// timeouts and sync daemons [default: toml, or json with --output json]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    /// Bring this file up to date instead of printing: comments and everything that still holds stay as
    /// they are written. A file that does not exist is created
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    update: Option<PathBuf>,
}

impl Save {
    fn format(&self, form: Form) -> Result<Format, Failure> {
        match (self.format, form) {
            (None, Form::Table) => Ok(Format::Toml),
            (Some(format), Form::Table) => Ok(format),
            (None | Some(Format::Json), Form::Json) => Ok(Format::Json),
            (Some(_), Form::Json) => {
                Err("--output json is --format json: name only one of the two formats".into())
            }
        }
    }
}

pub(super) fn save(arguments: &Save, session: &mut Session<'_>) -> Outcome {
    let format = arguments.format(session.form())?;
    let mut saved = Saved::read(session)?;
    if let Some(path) = &arguments.update {
        saved.add_set_ups(session);
        let updated = saved.file.update_at(path);
        let updated = updated.map_err(|error| not_updated(path, &error))?;
        let said = UpdatedFile {
            file: path.display().to_string(),
            outcome: updated,
        };
        session.show(&said, |said, out| writeln!(out, "{said}"))?;
        return saved.outcome();
    }
    match format {
        Format::Toml => {
            saved.add_set_ups(session);
            let text = toml::text(&saved.file, &saved.notes())?;
            session.print(|out| out.write_all(text.as_bytes()))?;
        }
        Format::Json => session.print(|out| json::write(&saved.file.table, out))?,
        Format::Ipvsadm => session.print(|out| ipvsadm::rules::write(&saved.file.table, out))?,
    }
    saved.outcome()
}

/// Names the file, and for an error in it the line too, as every command does.
fn not_updated(path: &Path, error: &UpdateFileError) -> String {
    let path = path.display();
    match error {
        UpdateFileError::Wrong(error) => format!("{path}, {error}"),
        UpdateFileError::Words(error) => format!("{path}: {error}"),
        UpdateFileError::Form => format!("{path}: {error}: ipvs-rs save > {path}"),
        UpdateFileError::Io { path, source } => format!("{}: {source}", path.display()),
        other => other.to_string(),
    }
}

/// What became of the file.
#[derive(Serialize)]
struct UpdatedFile {
    file: String,
    outcome: Updated,
}

impl fmt::Display for UpdatedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match self.outcome {
            Updated::Created => write!(f, "created {file}"),
            Updated::Changed => write!(f, "updated {file}"),
            Updated::UpToDate => write!(f, "{file} is up to date"),
        }
    }
}

/// What is saved.
struct Saved {
    file: File,
    /// What is saved otherwise than it is.
    replaced: Vec<Replaced>,
    /// What is not saved, and why.
    unsaved: Vec<String>,
}

impl Saved {
    fn read(session: &Session<'_>) -> Result<Self, ipvs::Error> {
        let mut table = session.ipvs()?.table()?;
        let replaced = table.replace_local();
        let dropped = table.drop_invalid();
        let refused = |dropped: &ipvs::Dropped| format!("restore would refuse it: {dropped}");
        Ok(Self {
            file: File::new(table),
            replaced,
            unsaved: dropped.iter().map(refused).collect(),
        })
    }

    /// Adds what this host is set up for. A journal that cannot be read does not cost the services.
    fn add_set_ups(&mut self, session: &Session<'_>) {
        match set_ups(session) {
            Ok(set_ups) => {
                let (known, unknown) = File::with_words_for(set_ups);
                let unknown = unknown.iter().map(|(id, error)| format!("{id}: {error}"));
                self.unsaved.extend(unknown);
                self.file.add_set_ups(known);
            }
            Err(error) => {
                let what = "the set-ups of this host";
                self.unsaved.push(format!("{what}: {error}"));
            }
        }
    }

    /// What a reader of the file has to know.
    fn notes(&self) -> Vec<String> {
        let replaced = self.replaced.iter().map(ToString::to_string);
        let unsaved = self.unsaved.iter().map(|what| format!("not saved: {what}"));
        replaced.chain(unsaved).collect()
    }

    /// Names what is saved otherwise than it is, and fails if something is not saved.
    fn outcome(&self) -> Outcome {
        for replaced in &self.replaced {
            say(format_args!("warning: {replaced}"));
        }
        if self.unsaved.is_empty() {
            return Ok(());
        }
        Err(format!("not saved: {}", self.unsaved.join("; ")).into())
    }
}

fn set_ups(session: &Session<'_>) -> Result<Vec<SetUp>, Failure> {
    let set_ups: Result<_, lbnet::Error> = lbnet::block_on(async { session.host()?.set_ups() })?;
    Ok(set_ups?)
}
