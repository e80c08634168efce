//! What every command gets: the network namespace to work in, the form to print in, where to print.

pub(crate) mod uninterrupted;

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use ipvs::{Client, Namespace};
use lbnet::{Host, Netns};
use serde::Serialize;

use crate::ending::{Outcome, OutputError};

/// What can be typed with every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Print what is read in columns (table) or as JSON (json)
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        default_value = "table",
        hide_possible_values = true,
        help_heading = "Everywhere"
    )]
    output: Form,
    /// Work in this network namespace, as `ip netns` names it
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    netns: Option<String>,
}

/// A form to print in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns for people
    Table,
    /// JSON, with the same names everywhere
    Json,
}

/// One run of the program.
pub(crate) struct Session<'a> {
    global: Global,
    definition: fn() -> clap::Command,
    out: &'a mut dyn Write,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        global: Global,
        definition: fn() -> clap::Command,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            global,
            definition,
            out,
        }
    }

    /// IPVS of the namespace that is meant.
    pub(crate) fn ipvs(&self) -> Result<Client, ipvs::Error> {
        match self.netns() {
            Some(name) => Client::open_in(Namespace::named(name)?),
            None => Client::open(),
        }
    }

    /// The network that is meant.
    pub(crate) fn host(&self) -> Result<Host, lbnet::Error> {
        Host::open(match self.netns() {
            Some(name) => Netns::named(name)?,
            None => Netns::current()?,
        })
    }

    /// The namespace that was named.
    pub(crate) fn netns(&self) -> Option<&str> {
        self.global.netns.as_deref()
    }

    /// The program's own definition: all that can be typed.
    pub(crate) fn definition(&self) -> clap::Command {
        (self.definition)()
    }

    pub(crate) fn form(&self) -> Form {
        self.global.output
    }

    /// Where a command prints that has too much to say to have all of it at once.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    /// Prints a value: as JSON, or by `table`.
    pub(crate) fn show<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        table: impl FnOnce(&T, &mut dyn Write) -> io::Result<()>,
    ) -> Outcome {
        match self.form() {
            Form::Table => self.print(|out| table(value, out)),
            Form::Json => self.print(|out| {
                serde_json::to_writer_pretty(&mut *out, value)?;
                writeln!(out)
            }),
        }
    }

    /// Prints. A reader that has gone has seen enough: what the command comes to is no matter of it.
    pub(crate) fn print(
        &mut self,
        print: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Outcome {
        match print(self.out).map_err(OutputError::from) {
            Err(error) if !error.is_reader_gone() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Hands over what was printed so far.
    pub(crate) fn flush(&mut self) -> Outcome {
        self.print(|out| out.flush())
    }
}
