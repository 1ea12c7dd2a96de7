//! `[secrets]`: under what the secrets of owners are encrypted.

use super::Secret;
use super::list::from_list_or_text;
use serde::Deserialize;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsConfig {
    /// Keys of 64 hexadecimal digits. The first one encrypts, all of them decrypt. Empty: one is made in the data folder, which
    /// several nodes can't share.
    #[serde(deserialize_with = "from_list_or_text")]
    pub keys: Vec<Secret>,
}
