//! `[geo]`: from addresses to countries.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeoConfig {
    /// A country database in MaxMind's format (`.mmdb`). Without one, countries stay empty.
    pub database: Option<PathBuf>,
}
