//! Mail as files: `{data}/outbox/{workspace}/{id}.eml`, and beside it what the console lists, as JSON.

use crate::domain::ids::WorkspaceId;
use crate::domain::time::UnixMillis;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Mails that the console lists at most.
const LISTED: usize = 200;

/// The folder of mail that no SMTP server took. A mail is written whole or not at all; the same id again overwrites it.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: PathBuf,
}

/// A mail as the console shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMail {
    pub id: Uuid,
    pub to: String,
    pub subject: String,
    pub at: UnixMillis,
    /// The plain text part.
    pub text: String,
}

impl Outbox {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keep a mail with its raw form. On disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn write(&self, workspace: WorkspaceId, mail: StoredMail, raw: Vec<u8>) -> io::Result<()> {
        let folder = self.of(workspace);
        blocking(move || {
            private_folder(&folder)?;
            let StoredMail { id, to, subject, at, text } = mail;
            let shown = json!({ "to": to, "subject": subject, "at": at.0, "text": text });
            write_whole(&folder, &format!("{id}.eml"), &raw)?;
            // Last, because it is what the list reads: a mail that is listed has its raw form.
            write_whole(&folder, &format!("{id}.json"), shown.to_string().as_bytes())
        })
        .await
    }

    /// Mails of `workspace`, newest first.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn list(&self, workspace: WorkspaceId) -> io::Result<Vec<StoredMail>> {
        let folder = self.of(workspace);
        blocking(move || {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut mails = Vec::new();
            for entry in entries {
                let path = entry?.path();
                let id = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
                if let (Some(id), Some("json")) = (id, path.extension().and_then(|e| e.to_str())) {
                    mails.extend(read(&folder, id)?);
                }
            }
            mails.sort_by_key(|mail| std::cmp::Reverse((mail.at, mail.id)));
            mails.truncate(LISTED);
            Ok(mails)
        })
        .await
    }

    /// One mail of `workspace`.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(&self, workspace: WorkspaceId, id: Uuid) -> io::Result<Option<StoredMail>> {
        let folder = self.of(workspace);
        blocking(move || read(&folder, id)).await
    }

    fn of(&self, workspace: WorkspaceId) -> PathBuf {
        self.folder.join(workspace.to_string())
    }
}

fn read(folder: &Path, id: Uuid) -> io::Result<Option<StoredMail>> {
    let bytes = match fs::read(folder.join(format!("{id}.json"))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    let value: Value = serde_json::from_slice(&bytes)?;
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let at = UnixMillis(value["at"].as_i64().unwrap_or_default());
    Ok(Some(StoredMail { id, to: text("to"), subject: text("subject"), at, text: text("text") }))
}

/// The mails hold links that open conversations: only this user reads them.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A reader sees the old file or the new one, also after a power cut.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let beside = folder.join(format!(".{name}.{}", Uuid::new_v4().simple()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, folder.join(name)))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // The disk may be full; what is half written must not stay. The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(id: Uuid, at: i64, text: &str) -> StoredMail {
        StoredMail { id, to: "ana@example.com".into(), subject: "s".into(), at: UnixMillis(at), text: text.into() }
    }

    #[actix_web::test]
    async fn a_repeat_overwrites_and_workspaces_are_apart() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        let (ours, theirs) = (WorkspaceId::generate(), WorkspaceId::generate());
        let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
        assert_eq!(outbox.list(ours).await.unwrap(), []);
        outbox.write(ours, mail(first, 1, "old"), b"old".to_vec()).await.unwrap();
        outbox.write(ours, mail(second, 2, "other"), b"other".to_vec()).await.unwrap();
        outbox.write(ours, mail(first, 1, "new"), b"new".to_vec()).await.unwrap();

        assert_eq!(outbox.list(ours).await.unwrap(), [mail(second, 2, "other"), mail(first, 1, "new")]);
        assert_eq!(outbox.list(theirs).await.unwrap(), []);
        assert_eq!(outbox.read(theirs, first).await.unwrap(), None);
        let files = fs::read_dir(folder.path().join("outbox").join(ours.to_string())).unwrap().count();
        assert_eq!(files, 4, "nothing temporary stays");
    }
}
