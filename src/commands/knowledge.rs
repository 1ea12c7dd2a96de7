//! `baton knowledge`: documents of a chatbot from files and folders, straight into the database. A server that runs on it notices
//! within seconds and reads them.

use super::{ChatbotError, find_chatbot};
use crate::ai::knowledge::{FILE_ENDINGS, MediaKind};
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use crate::library::{self, Change, LibraryError, NewDocument};
use crate::store::{Store, StoreError};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Chatbot(#[from] ChatbotError),
    #[error("{} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("no document is called {name}")]
    NoDocument { name: String },
    /// The others went in; each was reported where it stood.
    #[error("{failed} of {all} files were not imported")]
    Incomplete { failed: usize, all: usize },
    #[error("{} holds no file that can be read ({FILE_ENDINGS})", path.display())]
    NothingToImport { path: PathBuf },
    #[error("database")]
    Store(#[from] StoreError),
    #[error("can't write the report")]
    Report(#[from] std::io::Error),
}

/// Add the file, or every readable file of the folder, and report each on `out`.
///
/// # Errors
/// [`CommandError::Incomplete`] when some files could not be read; the others are in.
pub async fn import(
    store: &dyn Store,
    chatbot: &str,
    path: &Path,
    limit: usize,
    now: UnixMillis,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let chatbot = find_chatbot(store, chatbot).await?.id;
    let files = files(path)?;
    if files.is_empty() {
        return Err(CommandError::NothingToImport { path: path.to_owned() });
    }
    let all = files.len();
    let mut failed = 0;
    for (position, (name, file)) in files.into_iter().enumerate() {
        let percent = (position + 1) * 100 / all;
        match add(store, &chatbot, &name, &file, limit, now).await {
            Ok(said) => writeln!(out, "{percent:>3} %  {name}: {said}")?,
            Err(why) => {
                failed += 1;
                writeln!(out, "{percent:>3} %  {name}: NOT imported, {why}")?;
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(CommandError::Incomplete { failed, all }) }
}

/// List the documents on `out`.
///
/// # Errors
/// When there is no such chatbot, or the database can't be read.
pub async fn list(store: &dyn Store, chatbot: &str, out: &mut impl Write) -> Result<(), CommandError> {
    let chatbot = find_chatbot(store, chatbot).await?.id;
    for head in store.document_heads(chatbot).await? {
        writeln!(out, "{:>9} bytes  {}", head.bytes, head.name)?;
    }
    Ok(())
}

/// Remove a document by its name.
///
/// # Errors
/// When there is no such document or chatbot.
pub async fn remove(store: &dyn Store, chatbot: &str, name: &str) -> Result<(), CommandError> {
    let chatbot = find_chatbot(store, chatbot).await?.id;
    let heads = store.document_heads(chatbot.clone()).await?;
    let head = heads.iter().find(|head| head.name == name);
    match head {
        Some(head) if store.remove_document(chatbot, head.id).await? => Ok(()),
        _ => Err(CommandError::NoDocument { name: name.to_owned() }),
    }
}

async fn add(
    store: &dyn Store,
    chatbot: &ChatbotId,
    name: &str,
    file: &Path,
    limit: usize,
    now: UnixMillis,
) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > limit as u64 {
        return Err(format!("it is {size} bytes long, the limit is {limit}"));
    }
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let document = NewDocument { chatbot: chatbot.clone(), name: name.to_owned(), text };
    let shelved = library::put(store, document, now).await.map_err(|error| match &error {
        LibraryError::Unreadable(why) => chain(why),
        other => chain(other),
    })?;
    Ok(match shelved.change {
        Change::Unchanged => "unchanged".to_owned(),
        Change::Added => format!("added, {} passages", shelved.passages),
        Change::Replaced => format!("replaced, {} passages", shelved.passages),
    })
}

pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Files with the names they get: relative to the folder, so that `guides/returns.md` stays another than `returns.md`. What can't
/// be read by its ending is left out of a folder, and so are hidden files; a file that was named is always tried.
pub(super) fn files(path: &Path) -> Result<Vec<(String, PathBuf)>, CommandError> {
    let unreadable = |source| CommandError::Unreadable { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(vec![(name, path.to_owned())]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |source| CommandError::Unreadable { path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // A link is not followed: it may lead in a circle, or to what the owner did not mean.
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let file = entry.path();
                let name = file.strip_prefix(path).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                if MediaKind::from_file_name(&name).is_some() {
                    found.push((name, file));
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::ChatbotSettings;
    use crate::store::ChatbotRecord;
    use crate::store::sqlite::SqliteStore;
    use std::fs::{create_dir, write};

    #[actix_web::test]
    async fn a_folder_goes_in_and_again_only_what_changed() {
        let data = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&data.path().join("baton.db")).unwrap();
        let workspace = store.first_workspace().await.unwrap().id;
        let settings = ChatbotSettings::new("Shop".into());
        store.add_chatbot(ChatbotRecord { id: "shop".parse().unwrap(), workspace, settings }).await.unwrap();

        let docs = tempfile::tempdir().unwrap();
        create_dir(docs.path().join("guides")).unwrap();
        write(docs.path().join("guides/returns.md"), "# Returns\nWithin 30 days.").unwrap();
        write(docs.path().join("faq.csv"), "question,answer\nOpen?,Daily.\n").unwrap();
        write(docs.path().join("bad.json"), "[\n{]").unwrap();
        write(docs.path().join("photo.png"), "x").unwrap();
        write(docs.path().join(".secret.md"), "x").unwrap();
        let run = async |at| {
            let mut out = Vec::new();
            let end = import(store.as_ref(), "shop", docs.path(), 1 << 20, UnixMillis(at), &mut out).await;
            (end.err().map(|error| error.to_string()), String::from_utf8(out).unwrap())
        };
        let (error, said) = run(1).await;
        assert_eq!(error.as_deref(), Some("1 of 3 files were not imported"));
        assert_eq!(
            said,
            " 33 %  bad.json: NOT imported, line 2, column 2: the JSON can't be read: key must be a string at line 2 column 2\n \
             66 %  faq.csv: added, 1 passages\n100 %  guides/returns.md: added, 1 passages\n"
        );
        std::fs::remove_file(docs.path().join("bad.json")).unwrap();
        write(docs.path().join("faq.csv"), "question,answer\nOpen?,Never.\n").unwrap();
        let (error, said) = run(2).await;
        assert_eq!(
            (error, said.as_str()),
            (None, " 50 %  faq.csv: replaced, 1 passages\n100 %  guides/returns.md: unchanged\n")
        );

        let mut out = Vec::new();
        list(store.as_ref(), "shop", &mut out).await.unwrap();
        assert!(String::from_utf8(out).unwrap().contains("guides/returns.md"));
        remove(store.as_ref(), "shop", "faq.csv").await.unwrap();
        assert!(matches!(remove(store.as_ref(), "shop", "faq.csv").await, Err(CommandError::NoDocument { .. })));
        let nobody = list(store.as_ref(), "nobody", &mut Vec::new()).await.unwrap_err();
        assert_eq!(nobody.to_string(), "there is no chatbot nobody; there are: shop");
    }
}
