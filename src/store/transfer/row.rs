//! A row on its way, and the digest that both databases must agree on.

use super::tables::Kind;
use rusqlite::types::{FromSql, ValueRef};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Uuid(Uuid),
    Bytes(Vec<u8>),
    Text(String),
    Int(i64),
    Bool(bool),
}

impl Value {
    /// Column `index` of a row of SQLite, as PostgreSQL is to have it.
    pub(super) fn of_sqlite(row: &rusqlite::Row<'_>, index: usize, kind: Kind, skew: i64) -> rusqlite::Result<Self> {
        let raw = row.get_ref(index)?;
        if raw == ValueRef::Null {
            return Ok(Self::Null);
        }
        let wrong = |error| rusqlite::Error::FromSqlConversionFailure(index, raw.data_type(), Box::new(error));
        Ok(match kind {
            Kind::Uuid => Self::Uuid(Uuid::from_bytes(FromSql::column_result(raw).map_err(wrong)?)),
            Kind::Bytes => Self::Bytes(FromSql::column_result(raw).map_err(wrong)?),
            Kind::Text => Self::Text(FromSql::column_result(raw).map_err(wrong)?),
            Kind::Int => Self::Int(FromSql::column_result(raw).map_err(wrong)?),
            Kind::Deadline => Self::Int(i64::column_result(raw).map_err(wrong)?.saturating_add(skew)),
            Kind::Bool => Self::Bool(FromSql::column_result(raw).map_err(wrong)?),
        })
    }

    pub(super) fn of_postgres(row: &PgRow, index: usize, kind: Kind) -> Result<Self, sqlx::Error> {
        Ok(match kind {
            Kind::Uuid => row.try_get::<Option<_>, _>(index)?.map_or(Self::Null, Self::Uuid),
            Kind::Bytes => row.try_get::<Option<_>, _>(index)?.map_or(Self::Null, Self::Bytes),
            Kind::Text => row.try_get::<Option<_>, _>(index)?.map_or(Self::Null, Self::Text),
            Kind::Int | Kind::Deadline => row.try_get::<Option<_>, _>(index)?.map_or(Self::Null, Self::Int),
            Kind::Bool => row.try_get::<Option<_>, _>(index)?.map_or(Self::Null, Self::Bool),
        })
    }

    /// About how much memory it takes.
    pub(super) fn size(&self) -> usize {
        16 + match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
            Self::Null | Self::Uuid(_) | Self::Int(_) | Self::Bool(_) => 0,
        }
    }

    /// Without doubt where one value ends and the next begins.
    fn feed(&self, hash: &mut Sha256) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Self::Null => (0, &[]),
            Self::Uuid(id) => (1, id.as_bytes()),
            Self::Bytes(bytes) => (2, bytes),
            Self::Text(text) => (3, text.as_bytes()),
            Self::Int(number) => (4, &number.to_be_bytes()),
            Self::Bool(flag) => (5, &[u8::from(*flag)]),
        };
        hash.update([tag]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
}

/// Of a table's rows, in whatever order: the databases sort differently. The rows' hashes are added, not xored, so that a row that is
/// there twice does not cancel itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest {
    pub rows: u64,
    sum: [u128; 2],
}

impl Digest {
    pub(super) fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        row.iter().for_each(|value| value.feed(&mut hash));
        let hash: [u8; 32] = hash.finalize().into();
        let (first, second) = hash.split_at(16);
        for (sum, half) in self.sum.iter_mut().zip([first, second]) {
            let half = half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
            *sum = sum.wrapping_add(half);
        }
        self.rows += 1;
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}{:032x}", self.sum[0], self.sum[1])
    }
}
