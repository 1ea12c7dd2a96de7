//! Lists that a file writes as an array and an environment variable as text with commas.

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// `["a", "b"]` or `"a, b"`.
pub(super) fn from_list_or_text<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    deserializer.deserialize_any(ListOrText(PhantomData))
}

struct ListOrText<T>(PhantomData<T>);

impl<'de, T> Visitor<'de> for ListOrText<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or text with commas")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parsed).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            list.push(parsed(item.trim())?);
        }
        Ok(list)
    }
}

fn parsed<T: FromStr, E: Error>(text: &str) -> Result<T, E>
where
    T::Err: fmt::Display,
{
    text.parse().map_err(|error| E::custom(format!("{text:?}: {error}")))
}
