//! What every command gets: the network namespace, the output format, and where to print.

pub(crate) mod last_words;
mod netns;
pub(crate) mod uninterrupted;

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use ipvs::Client;
use lbnet::{Host, Netns};
pub(crate) use netns::NetnsName;
use serde::Serialize;

use crate::ending::{Outcome, OutputError};

/// The options of every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Output format: table (columns) or json
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "table",
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    output: Form,
    /// Network namespace to work in: its `ip netns` name, the path of its file (with a slash), or
    /// pid:NUMBER for that of a process
    #[arg(
        long,
        global = true,
        value_name = "NAMESPACE",
        help_heading = "Global options"
    )]
    netns: Option<NetnsName>,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns for people
    Table,
    /// JSON; a value has the same name in every command
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

    /// Connects to IPVS in the selected network namespace.
    pub(crate) fn ipvs(&self) -> Result<Client, ipvs::Error> {
        match self.netns() {
            Some(name) => Client::open_in(name.for_ipvs()?),
            None => Client::open(),
        }
    }

    /// Opens the network of the selected namespace.
    pub(crate) fn host(&self) -> Result<Host, lbnet::Error> {
        Host::open(match self.netns() {
            Some(name) => name.for_host()?,
            None => Netns::current()?,
        })
    }

    /// The network namespace given with `--netns`.
    pub(crate) fn netns(&self) -> Option<&NetnsName> {
        self.global.netns.as_ref()
    }

    /// The definition of the whole command line.
    pub(crate) fn definition(&self) -> clap::Command {
        (self.definition)()
    }

    pub(crate) fn form(&self) -> Form {
        self.global.output
    }

    /// Standard output, for a command that prints line by line because its output may be large.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    /// Prints a value in the selected format: as JSON, or with `table`.
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

    /// Prints to standard output.
    ///
    /// If the reader has closed the pipe, the output is dropped without an error, so that the command
    /// still ends with the exit status of its work: 3 for findings, 1 for a failure.
    pub(crate) fn print(
        &mut self,
        print: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Outcome {
        match print(self.out).map_err(OutputError::from) {
            Err(error) if !error.is_reader_gone() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Writes out what was printed so far.
    pub(crate) fn flush(&mut self) -> Outcome {
        self.print(|out| out.flush())
    }
}
