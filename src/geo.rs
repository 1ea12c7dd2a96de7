//! From addresses to countries, when the operator configured a database.

use maxminddb::{Reader, geoip2};
use std::net::IpAddr;
use std::path::Path;

/// Country look-up; without a database every country is unknown.
pub struct Countries(Option<Reader<Vec<u8>>>);

/// The configured country database can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the country database {path} can't be read")]
pub struct UnreadableDatabase {
    path: String,
    #[source]
    source: maxminddb::MaxMindDbError,
}

impl Countries {
    /// # Errors
    /// When a database is configured that can't be read.
    pub fn open(database: Option<&Path>) -> Result<Self, UnreadableDatabase> {
        let open = |path: &Path| {
            Reader::open_readfile(path)
                .map_err(|source| UnreadableDatabase { path: path.display().to_string(), source })
        };
        database.map(open).transpose().map(Self)
    }

    /// ISO 3166-1 alpha-2, or empty when it is not known.
    pub fn of(&self, address: IpAddr) -> String {
        let Some(reader) = &self.0 else { return String::new() };
        let found = reader.lookup(address).ok().and_then(|found| found.decode::<geoip2::Country>().ok().flatten());
        found.and_then(|country| country.country.iso_code.map(str::to_owned)).unwrap_or_default()
    }
}
