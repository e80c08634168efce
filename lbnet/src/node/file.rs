//! `lb.toml`: what one machine of a load balancer is to do.

mod as_word;
mod blame;
mod director;
mod error;
mod one_or_several;
mod position;
mod problem;
mod reader;
mod real_server;
mod tunnel_words;
mod update;
mod words;

use std::fs;
use std::path::Path;
use std::str::FromStr;

use ipvs::Table;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use error::{ParseFileError, ReadFileError, WriteFileError};
pub use update::{UpdateFileError, Updated};

use crate::{Director, RealServer, SetUp, SetUpId};
use director::DirectorSection;
use real_server::RealServerSection;

/// Everything that `lb.toml` says about one machine: its IPVS table, and the host around it.
///
/// This is the file of `ipvs-rs`: `docs/file.md` in the repository describes its keys. Reading checks
/// all of it and changes nothing. To carry it out, hand the parts to
/// [`ipvs::Client::restore`], [`Director::up`] and [`RealServer::up`].
///
/// # Examples
/// ```
/// use lbnet::File;
///
/// let file: File = r#"
///     [[service]]
///     tcp = "192.0.2.100:80"
///     scheduler = "rr"
///
///     [[service.destination]]
///     address = "192.0.2.12:80"
///
///     [director]
///     vips = [{ address = "192.0.2.100/24", device = "eth0" }]
/// "#
/// .parse()?;
/// assert_eq!(file.table.virtual_servers.len(), 1);
/// assert_eq!(file.directors[0].vip().to_string(), "192.0.2.100/24");
/// # Ok::<(), lbnet::ParseFileError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// `[timeouts]`, `[[service]]` and `[[sync]]`: what is configured in IPVS.
    pub table: Table,
    /// `[director]`: the virtual IPs of a director.
    pub directors: Vec<Director>,
    /// `[real-server]`: the virtual IPs of a real server.
    pub real_servers: Vec<RealServer>,
}

/// The sections about the host; all others are about IPVS.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct HostSections {
    #[serde(skip_serializing_if = "Option::is_none")]
    director: Option<DirectorSection>,
    #[serde(
        default,
        with = "one_or_several",
        skip_serializing_if = "Vec::is_empty"
    )]
    real_server: Vec<RealServerSection>,
}

impl HostSections {
    const NAMES: [&str; 2] = ["director", "real-server"];
}

impl File {
    /// A file about an IPVS table alone.
    pub fn new(table: Table) -> Self {
        Self {
            table,
            ..Self::default()
        }
    }

    /// Adds set-ups of a host to the sections about the host, such as those of [`Host::set_ups`].
    ///
    /// # Examples
    /// ```no_run
    /// # fn example(host: &lbnet::Host, table: ipvs::Table) -> Result<(), lbnet::Error> {
    /// let mut file = lbnet::File::new(table);
    /// file.add_set_ups(host.set_ups()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Host::set_ups`]: crate::Host::set_ups
    pub fn add_set_ups(&mut self, set_ups: impl IntoIterator<Item = SetUp>) {
        for set_up in set_ups {
            match set_up {
                SetUp::Director(director) => self.directors.push(director),
                SetUp::RealServer(server) => self.real_servers.push(server),
            }
        }
    }

    /// Separates set-ups that the file has words for from those that it has none for, such as a VIP that is
    /// announced more often than by default. Each of these has the reason.
    pub fn with_words_for(
        set_ups: impl IntoIterator<Item = SetUp>,
    ) -> (Vec<SetUp>, Vec<(SetUpId, WriteFileError)>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for set_up in set_ups {
            let mut alone = Self::default();
            alone.add_set_ups([set_up.clone()]);
            match alone.to_toml() {
                Ok(_) => known.push(set_up),
                Err(error) => unknown.push((set_up.id(), error)),
            }
        }
        (known, unknown)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`ParseFileError`] says what is wrong in which line and column. It is about the first thing
    /// that is wrong.
    pub fn parse(text: &str) -> Result<Self, ParseFileError> {
        let document = DeTable::parse(text).map_err(|error| {
            let byte = error.span().map_or(0, |span| span.start);
            ParseFileError::new(text, byte, error.message().replace('\n', ", "))
        })?;
        let (host, ipvs): (DeTable, DeTable) = document
            .into_inner()
            .into_iter()
            .partition(|(key, _)| HostSections::NAMES.contains(&key.get_ref().as_ref()));
        let table = section::<Table>(text, ipvs)?;
        let host = section::<HostSections>(text, host)?;
        let directors = host.director.into_iter();
        let real_servers = host.real_server.into_iter();
        Ok(Self {
            table,
            directors: directors.flat_map(DirectorSection::directors).collect(),
            real_servers: real_servers
                .flat_map(RealServerSection::real_servers)
                .collect(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// - [`ReadFileError::Unreadable`]: it is not there, may not be read, or is no text.
    /// - [`ReadFileError::Wrong`]: something in it is wrong.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadFileError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|source| ReadFileError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|error| ReadFileError::Wrong {
            path: path.to_owned(),
            error,
        })
    }

    /// The text of a file that says the same; [`File::parse`] reads it back as an equal value.
    ///
    /// # Errors
    /// [`WriteFileError`]: the file has no word for something that Rust can say, such as a protocol
    /// that IPVS does not balance, or an announcement repeated more often than by default.
    pub fn to_toml(&self) -> Result<String, WriteFileError> {
        let unsaid = |error: toml::ser::Error| WriteFileError(error.to_string());
        let host = HostSections {
            director: DirectorSection::of(&self.directors).map_err(WriteFileError)?,
            real_server: RealServerSection::of(&self.real_servers),
        };
        let ipvs = toml::to_string(&self.table).map_err(unsaid)?;
        let host = toml::to_string(&host).map_err(unsaid)?;
        let between = if ipvs.is_empty() || host.is_empty() {
            ""
        } else {
            "\n"
        };
        Ok(ipvs + between + &host)
    }
}

impl FromStr for File {
    type Err = ParseFileError;

    fn from_str(text: &str) -> Result<Self, ParseFileError> {
        Self::parse(text)
    }
}

/// Reads some of the sections of a text.
fn section<T: DeserializeOwned>(text: &str, sections: DeTable) -> Result<T, ParseFileError> {
    let document = Spanned::new(0..0, DeValue::Table(sections));
    reader::read(&document).map_err(|problem| {
        let problem = blame::narrowed::<T>(&document, problem);
        let problem = problem.with_sections(&document, &HostSections::NAMES);
        ParseFileError::new(text, problem.first_byte(), problem.to_string())
    })
}
