//! Vectors of texts that were read before, in a file beside the data: a start, and a change of knowledge, reads only what is new.
//!
//! A header with the recipe, then records of one size, appended. What was made by another recipe, is cut off or is damaged counts
//! as not there. CACHE-1: what comes out is what the present model gives for the text.

use super::vectors::Vector;
use super::{ModelError, recipe};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: &[u8; 8] = b"batonvec";
const HEADER: usize = MAGIC.len() + 32;
const KEY: usize = 16;
const CHECK: usize = 4;
const RECORD: usize = KEY + Vector::BYTES + CHECK;
/// About 100 MB. A file beyond this starts over with its newer half.
const MAX_RECORDS: usize = 250_000;

type Key = [u8; KEY];

/// Without a file (`None`), every text is new each time.
#[derive(Default)]
pub struct VectorCache {
    file: Option<File>,
    /// Another process holds the file: it is read, not written.
    is_shared: bool,
    places: HashMap<Key, u64>,
    end: u64,
}

impl VectorCache {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// When it can be neither.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let is_shared = file.try_lock().is_err();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let header = [MAGIC.as_slice(), &recipe()].concat();
        let records = bytes.strip_prefix(header.as_slice()).unwrap_or_default();
        let (mut records, _cut_off) = records.as_chunks::<RECORD>();
        if records.len() > MAX_RECORDS {
            records = &records[records.len() - MAX_RECORDS / 2..];
        }
        let sound: Vec<&[u8; RECORD]> = records.iter().filter(|record| is_sound(record)).collect();
        let whole = HEADER + sound.len() * RECORD;
        if is_shared && whole != bytes.len() {
            // Nothing is put right in a file that somebody writes at this moment.
            return Ok(Self::default());
        }
        let places = (0..).map(|number: usize| (HEADER + number * RECORD) as u64).zip(sound.iter().copied());
        let places: HashMap<Key, u64> = places.map(|(at, record)| (key_of(record), at)).collect();
        if whole != bytes.len() {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header)?;
            file.write_all(&sound.into_iter().map(<[u8; RECORD]>::as_slice).collect::<Vec<_>>().concat())?;
        }
        Ok(Self { file: Some(file), is_shared, places, end: whole as u64 })
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The vector of `text`: the kept one, or that of `make`, which is kept.
    ///
    /// # Errors
    /// Those of `make`. A file that can't be written costs time at the next start, nothing else.
    pub fn get_or(
        &mut self,
        text: &str,
        make: impl FnOnce(&str) -> Result<Vector, ModelError>,
    ) -> Result<Vector, ModelError> {
        let key = key(text);
        if let Some(vector) = self.read(&key) {
            return Ok(vector);
        }
        let vector = make(text)?;
        if let Err(error) = self.write(key, &vector) {
            tracing::warn!(error = %error, "a vector could not be kept; it will be made again");
        }
        Ok(vector)
    }

    fn read(&self, key: &Key) -> Option<Vector> {
        let mut record = [0; RECORD];
        self.file.as_ref()?.read_exact_at(&mut record, *self.places.get(key)?).ok()?;
        // Read again, judged again: the disk may have changed since.
        (is_sound(&record) && key_of(&record) == *key).then(|| Vector::from_bytes(vector_of(&record)))
    }

    fn write(&mut self, key: Key, vector: &Vector) -> io::Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| !self.is_shared) else { return Ok(()) };
        let mut record = Vec::with_capacity(RECORD);
        record.extend_from_slice(&key);
        record.extend_from_slice(&vector.to_bytes());
        record.extend_from_slice(&check(&record));
        // Always at the end of what is whole: half a record left by a full disk is overwritten.
        file.write_all_at(&record, self.end)?;
        self.places.insert(key, self.end);
        self.end += RECORD as u64;
        Ok(())
    }
}

fn key(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&Sha256::digest(text)[..KEY]);
    key
}

fn check(key_and_vector: &[u8]) -> [u8; CHECK] {
    let mut check = [0; CHECK];
    check.copy_from_slice(&Sha256::digest(key_and_vector)[..CHECK]);
    check
}

fn is_sound(record: &[u8; RECORD]) -> bool {
    let (content, kept) = record.split_at(KEY + Vector::BYTES);
    check(content) == *kept
}

fn key_of(record: &[u8; RECORD]) -> Key {
    *record.first_chunk().expect("a record begins with its key")
}

fn vector_of(record: &[u8; RECORD]) -> &[u8; Vector::BYTES] {
    record[KEY..].first_chunk().expect("a record holds a vector")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::embedding::DIMENSIONS;

    fn vector(seed: usize) -> Vector {
        Vector::new(&std::array::from_fn(|at| ((at * 31 + seed * 17) % 13) as f32 - 6.0))
    }

    fn never(text: &str) -> Result<Vector, ModelError> {
        panic!("{text} is in the cache")
    }

    #[test]
    fn a_text_is_read_once_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors");
        {
            let mut cache = VectorCache::open(&path).unwrap();
            for seed in 0..5 {
                cache.get_or(&format!("text {seed}"), |_| Ok(vector(seed))).unwrap();
            }
            assert_eq!(cache.get_or("text 3", never).unwrap(), vector(3));
        }
        let mut cache = VectorCache::open(&path).unwrap();
        assert_eq!(cache.len(), 5);
        for seed in 0..5 {
            assert_eq!(cache.get_or(&format!("text {seed}"), never).unwrap(), vector(seed));
        }
        let mut made = 0;
        cache
            .get_or("new", |_| {
                made += 1;
                Ok(vector(9))
            })
            .unwrap();
        assert_eq!((made, cache.len()), (1, 6));
    }

    #[test]
    fn another_recipe_a_cut_and_a_damage_count_as_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors");
        let fill = || {
            let _gone = std::fs::remove_file(&path);
            let mut cache = VectorCache::open(&path).unwrap();
            for seed in 0..3 {
                cache.get_or(&format!("text {seed}"), |_| Ok(vector(seed))).unwrap();
            }
        };
        let change = |change: &dyn Fn(&mut Vec<u8>)| {
            fill();
            let mut bytes = std::fs::read(&path).unwrap();
            change(&mut bytes);
            std::fs::write(&path, bytes).unwrap();
            VectorCache::open(&path).unwrap()
        };
        assert_eq!(change(&|bytes| bytes[MAGIC.len()] ^= 1).len(), 0, "made by another model");
        assert_eq!(change(&|bytes| bytes.truncate(HEADER + 2 * RECORD + 7)).len(), 2, "cut off by a crash");
        assert_eq!(change(&|bytes| bytes.truncate(3)).len(), 0);
        let mut cache = change(&|bytes| bytes[HEADER + RECORD + KEY + 9] ^= 1);
        assert_eq!(cache.len(), 2, "one record damaged");
        assert_eq!(cache.get_or("text 1", |_| Ok(vector(7))).unwrap(), vector(7));
        assert_eq!(cache.get_or("text 2", never).unwrap(), vector(2));
        drop(cache);
        assert_eq!(VectorCache::open(&path).unwrap().len(), 3);
    }

    #[test]
    fn a_second_process_reads_along_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors");
        let mut first = VectorCache::open(&path).unwrap();
        first.get_or("a", |_| Ok(vector(1))).unwrap();
        let mut second = VectorCache::open(&path).unwrap();
        assert_eq!(second.get_or("a", never).unwrap(), vector(1));
        first.get_or("c", |_| Ok(vector(3))).unwrap();
        // Where the second believes the end to be, the first has written.
        second.get_or("b", |_| Ok(vector(2))).unwrap();
        drop((first, second));
        let mut cache = VectorCache::open(&path).unwrap();
        assert_eq!(cache.get_or("c", never).unwrap(), vector(3));
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn a_record_has_the_size_it_says() {
        assert_eq!(RECORD, KEY + 4 + DIMENSIONS + CHECK);
    }
}
