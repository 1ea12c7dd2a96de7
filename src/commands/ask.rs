//! `baton ask`: questions to files, without a server, for owners who try their texts and for measuring.

use super::knowledge::{CommandError, files};
use super::search_model;
use crate::ai::answer::{answer, from_knowledge};
use crate::ai::embedding::ModelError;
use crate::ai::knowledge::{FILE_ENDINGS, KnowledgeDocument, KnowledgeError, MediaKind, Passage, parse_draft};
use crate::ai::retrieval::KnowledgeIndex;
use crate::config::AiConfig;
use serde::Serialize;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Files(#[from] CommandError),
    #[error("{} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{name} can't be read ({FILE_ENDINGS} can)")]
    UnknownKind { name: String },
    #[error("{name}")]
    Document {
        name: String,
        #[source]
        source: KnowledgeError,
    },
    #[error("the search model")]
    Model(#[from] ModelError),
    #[error("can't read a question or write an answer")]
    Stream(#[from] io::Error),
}

/// What is written for a question. All but the text is about the knowledge: to "hello" Baton says hello, whatever the files hold.
#[derive(Debug, Serialize)]
struct Line<'answer> {
    /// What a visitor would read, were it said.
    answer: &'answer str,
    /// The owner's id of the entry it is from, or else the file.
    source: Option<&'answer str>,
    confidence: f32,
    answerable: bool,
}

/// Answers each line of `questions` on `answers`. Says on the standard error how it searches.
///
/// # Errors
/// When the knowledge or a required model can't be read, or a stream breaks.
pub fn ask(
    config: &AiConfig,
    knowledge: &Path,
    threshold: f32,
    questions: impl BufRead,
    answers: &mut impl Write,
) -> Result<(), AskError> {
    let index = KnowledgeIndex::new(passages(knowledge)?);
    if let Some(model) = search_model::open(config)? {
        search_model::read(&index, model)?;
    }
    for question in questions.lines() {
        let question = question?;
        let found = from_knowledge(&index, &question);
        let passage = found.passage.and_then(|number| index.passage(number));
        let line = Line {
            answer: &answer(&index, &question, None).text,
            source: passage.map(source),
            confidence: found.confidence,
            answerable: passage.is_some() && found.confidence >= threshold,
        };
        serde_json::to_writer(&mut *answers, &line).map_err(io::Error::from)?;
        answers.write_all(b"\n")?;
        // Who asks line by line waits for each answer.
        answers.flush()?;
    }
    Ok(())
}

fn passages(path: &Path) -> Result<Vec<Passage>, AskError> {
    let files = files(path)?;
    if files.is_empty() {
        return Err(CommandError::NothingToImport { path: path.to_owned() }.into());
    }
    let mut passages = Vec::new();
    for (name, file) in files {
        let kind = MediaKind::from_file_name(&name).ok_or_else(|| AskError::UnknownKind { name: name.clone() })?;
        let text =
            std::fs::read_to_string(&file).map_err(|source| AskError::Unreadable { path: file.clone(), source })?;
        let document = KnowledgeDocument { id: name.clone(), name: name.clone(), kind, text, url: None };
        match parse_draft(&document) {
            Ok(found) => passages.extend(found),
            Err(KnowledgeError::Empty) => {}
            Err(source) => return Err(AskError::Document { name, source }),
        }
    }
    Ok(passages)
}

/// An id that we made begins with the file's name.
fn source(passage: &Passage) -> &str {
    let is_ours = passage.id.strip_prefix(&passage.document).is_some_and(|rest| rest.starts_with('#'));
    if is_ours { &passage.document } else { &passage.id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SearchModel;

    #[test]
    fn each_line_gets_an_answer_with_its_source() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("returns.md"), "# Returns\nSend it back within thirty days, unused.")
            .unwrap();
        let entry = r#"[{"id": "opening", "title": "Opening hours", "questions": ["When are you open?"], "answer": "From ten to six."}]"#;
        std::fs::write(folder.path().join("faq.json"), entry).unwrap();
        let config = AiConfig { search_model: SearchModel::Off, ..AiConfig::default() };
        let mut out = Vec::new();
        let questions = "how do returns work\nwhen are you open?\nxylophone\nhello\n".as_bytes();
        ask(&config, folder.path(), 0.5, questions, &mut out).unwrap();
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sources: Vec<_> = lines.iter().map(|line| line["source"].as_str()).collect();
        assert_eq!(sources, [Some("returns.md"), Some("opening"), None, None]);
        assert_eq!(lines[1]["answer"], "From ten to six.");
        let answerable: Vec<_> = lines.iter().map(|line| line["answerable"].as_bool().unwrap()).collect();
        assert_eq!(answerable, [true, true, false, false], "{lines:?}");
        assert!(!lines[3]["answer"].as_str().unwrap().is_empty(), "a hello is answered with one");
    }

    #[test]
    fn a_draft_with_gaps_is_asked_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let draft = r#"[{"id": "a", "title": "Opening hours", "questions": ["When are you open?"]},
            {"id": "a", "questions": null, "answer": "Parking is behind the house."}]"#;
        std::fs::write(folder.path().join("faq.json"), draft).unwrap();
        let config = AiConfig { search_model: SearchModel::Off, ..AiConfig::default() };
        let mut out = Vec::new();
        ask(&config, folder.path(), 0.5, "when are you open?\nparking\n".as_bytes(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().all(|line| line.contains(r#""source":"a""#)), "{out}");
    }

    #[test]
    fn a_required_model_that_is_missing_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("returns.md"), "# Returns\nSend it back.").unwrap();
        let config = |search_model| AiConfig {
            search_model,
            search_model_dir: folder.path().join("none"),
            ..AiConfig::default()
        };
        let run =
            |search_model| ask(&config(search_model), folder.path(), 0.5, "returns\n".as_bytes(), &mut Vec::new());
        assert!(matches!(run(SearchModel::Required), Err(AskError::Model(ModelError::Missing(_)))));
        assert!(run(SearchModel::IfPresent).is_ok());
    }
}
