//! Question-and-answer pairs: CSV and JSON. Each pair stays one passage, whole, as the owner worded it.

use super::{KnowledgeDocument, KnowledgeError, MAX_ANSWER_CHARS, MAX_QUESTION_CHARS, Passage};
use std::collections::HashSet;

/// Outer shape of a JSON entry; ids may be written as numbers, and what is missing is named by our own error.
#[derive(serde::Deserialize)]
struct Entry {
    #[serde(default)]
    id: Option<Id>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    questions: Vec<String>,
    #[serde(default)]
    answer: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

/// An owner's id: text or number.
struct Id(String);

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("an id is a text or a number")),
        }
    }
}

pub(super) fn from_csv(document: &KnowledgeDocument, text: &str) -> Result<Vec<Passage>, KnowledgeError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut passages = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|source| KnowledgeError::Csv {
            line: source.position().map_or(row as u64 + 1, csv::Position::line),
            source,
        })?;
        let line = record.position().map_or(row as u64 + 1, csv::Position::line);
        let (Some(question), Some(answer), 2) = (record.get(0), record.get(1), record.len()) else {
            return Err(KnowledgeError::Columns { line, found: record.len() });
        };
        let (question, answer) = (question.trim(), answer.trim());
        if row == 0 && question.eq_ignore_ascii_case("question") && answer.eq_ignore_ascii_case("answer") {
            continue;
        }
        for (field, value) in [("question", question), ("answer", answer)] {
            if value.is_empty() {
                return Err(KnowledgeError::MissingField { line, field });
            }
        }
        check_length(&format!("line {line}"), "the question", question, MAX_QUESTION_CHARS)?;
        check_length(&format!("line {line}"), "the answer", answer, MAX_ANSWER_CHARS)?;
        passages.push(Passage {
            id: format!("{}#{}", document.id, passages.len() + 1),
            document: document.id.clone(),
            title: question.to_owned(),
            heading_path: Vec::new(),
            questions: Vec::new(),
            text: answer.to_owned(),
            url: document.url.clone(),
        });
    }
    Ok(passages)
}

/// Spreadsheets of many countries write semicolons, because the comma is their decimal mark.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark| first.matches(mark).count();
    if count('\t') > 0 && count(',') == 0 {
        b'\t'
    } else if count(';') > 0 && count(',') == 0 {
        b';'
    } else {
        b','
    }
}

pub(super) fn from_json(document: &KnowledgeDocument, text: &str) -> Result<Vec<Passage>, KnowledgeError> {
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|source| json_error(source, 0))?;
    collect(document, entries)
}

pub(super) fn from_json_lines(document: &KnowledgeDocument, text: &str) -> Result<Vec<Passage>, KnowledgeError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let entries: Result<Vec<Entry>, _> =
        lines.map(|(above, line)| serde_json::from_str(line).map_err(|source| json_error(source, above))).collect();
    collect(document, entries?)
}

fn json_error(source: serde_json::Error, lines_above: usize) -> KnowledgeError {
    KnowledgeError::Json { line: source.line() + lines_above, column: source.column(), source }
}

fn collect(document: &KnowledgeDocument, entries: Vec<Entry>) -> Result<Vec<Passage>, KnowledgeError> {
    let mut seen = HashSet::new();
    let mut passages = Vec::with_capacity(entries.len());
    for (position, entry) in entries.into_iter().enumerate() {
        let number = position + 1;
        let id = entry.id.map_or_else(|| format!("{}#{number}", document.id), |Id(id)| id);
        if !seen.insert(id.clone()) {
            return Err(KnowledgeError::DuplicateId { id });
        }
        let questions: Vec<String> =
            entry.questions.iter().map(|q| q.trim().to_owned()).filter(|question| !question.is_empty()).collect();
        let title = entry.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        let incomplete = |field| KnowledgeError::IncompleteEntry { entry: number, id: id.clone(), field };
        let title = title.or_else(|| questions.first().cloned()).ok_or_else(|| incomplete("title and no question"))?;
        let answer = entry.answer.map(|answer| answer.trim().to_owned()).filter(|answer| !answer.is_empty());
        let answer = answer.ok_or_else(|| incomplete("answer"))?;
        let at = format!("entry {number} ({id:?})");
        for question in questions.iter().chain([&title]) {
            check_length(&at, "a question or the title", question, MAX_QUESTION_CHARS)?;
        }
        check_length(&at, "the answer", &answer, MAX_ANSWER_CHARS)?;
        passages.push(Passage {
            id,
            document: document.id.clone(),
            title,
            heading_path: Vec::new(),
            questions,
            text: answer,
            url: entry.url.or_else(|| document.url.clone()),
        });
    }
    Ok(passages)
}

fn check_length(at: &str, field: &'static str, value: &str, limit: usize) -> Result<(), KnowledgeError> {
    if value.chars().nth(limit).is_some() {
        return Err(KnowledgeError::TooLong { at: at.to_owned(), field, limit });
    }
    Ok(())
}
