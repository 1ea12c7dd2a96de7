//! Mails that were kept as files, because there is no SMTP server.

use super::TestHub;
use super::socket::DEADLINE;
use std::path::{Path, PathBuf};
use std::time::Duration;

impl TestHub {
    /// The raw mails of the outbox, decoded far enough to read them, once there are `count`.
    pub async fn mails(&self, count: usize) -> Vec<String> {
        let begun = tokio::time::Instant::now();
        loop {
            let found = files(&self.outbox(), ".eml");
            if found.len() >= count {
                return found.iter().map(|path| decoded(&std::fs::read_to_string(path).expect("mail"))).collect();
            }
            assert!(begun.elapsed() < DEADLINE, "{} of {count} mails", found.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("entry").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect()
}

/// Quoted-printable undone.
fn decoded(raw: &str) -> String {
    let joined = raw.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'=').then(|| tail.get(..2)).flatten();
        match code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
