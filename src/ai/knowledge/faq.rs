//! Question-and-answer pairs: CSV and JSON. Each pair stays one passage, whole, as the owner worded it.

use super::{KnowledgeDocument, KnowledgeError, MAX_ANSWER_CHARS, MAX_QUESTION_CHARS, Passage, Unfinished};
use crate::ai::text::fold;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// Outer shape of a JSON entry; ids may be written as numbers, and what is missing is named by our own error.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: Option<Id>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    questions: Option<Vec<String>>,
    /// Some write the only question so.
    #[serde(default)]
    question: Option<String>,
    #[serde(default)]
    answer: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

/// An owner's id: text or number.
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("an id is a text or a number")),
        }
    }
}

pub(super) fn from_csv(
    document: &KnowledgeDocument,
    text: &str,
    unfinished: Unfinished,
) -> Result<Vec<Passage>, KnowledgeError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut columns = Columns::WITHOUT_HEADER;
    let mut passages = Vec::new();
    let mut seen = HashSet::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|source| KnowledgeError::Csv {
            line: source.position().map_or(row as u64 + 1, csv::Position::line),
            source,
        })?;
        let line = record.position().map_or(row as u64 + 1, csv::Position::line);
        if row == 0
            && let Some(found) = Columns::named_by(&record)
        {
            columns = found;
            continue;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if !columns.named && record.len() != 2 {
            return Err(KnowledgeError::Columns { line, found: record.len() });
        }
        let cell =
            |column: Option<usize>| column.and_then(|at| record.get(at)).map(str::trim).filter(|cell| !cell.is_empty());
        let missing = |field| KnowledgeError::MissingField { line, field };
        let question = unfinished.or_else(cell(Some(columns.question)), || missing("question"))?;
        let answer = unfinished.or_else(cell(Some(columns.answer)), || missing("answer"))?;
        let mut questions: Vec<String> =
            question.split(['|', '\n']).map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()).collect();
        let at = format!("line {line}");
        for question in &questions {
            unfinished.check_length(&at, "the question", question, MAX_QUESTION_CHARS)?;
        }
        unfinished.check_length(&at, "the answer", answer, MAX_ANSWER_CHARS)?;
        let id = cell(columns.id).map_or_else(|| format!("{}#{}", document.id, passages.len() + 1), str::to_owned);
        if !seen.insert(id.clone()) && unfinished == Unfinished::Refused {
            return Err(KnowledgeError::DuplicateId { id });
        }
        let title = match cell(columns.title) {
            Some(title) => title.to_owned(),
            None if questions.is_empty() => unfinished.or_else(None::<String>, || missing("question"))?,
            // The question is its own title; said once, it counts once.
            None => questions.remove(0),
        };
        passages.push(Passage {
            id,
            document: document.id.clone(),
            title,
            heading_path: Vec::new(),
            questions,
            text: answer.to_owned(),
            url: cell(columns.url)
                .filter(|url| is_web_address(url))
                .map(str::to_owned)
                .or_else(|| document.url.clone()),
        });
    }
    Ok(passages)
}

/// Which column holds what.
struct Columns {
    named: bool,
    question: usize,
    answer: usize,
    id: Option<usize>,
    title: Option<usize>,
    url: Option<usize>,
}

/// What exports of other systems and owners' own spreadsheets write over their columns.
const QUESTION_NAMES: &[&str] = &[
    "question",
    "questions",
    "q",
    "prompt",
    "query",
    "user",
    "utterance",
    "frage",
    "fragen",
    "vraag",
    "vragen",
    "pregunta",
    "preguntas",
    "pergunta",
    "perguntas",
    "domanda",
    "domande",
];
const ANSWER_NAMES: &[&str] = &[
    "answer",
    "answers",
    "a",
    "response",
    "reply",
    "completion",
    "antwort",
    "antworten",
    "antwoord",
    "antwoorden",
    "reponse",
    "reponses",
    "respuesta",
    "respuestas",
    "resposta",
    "respostas",
    "risposta",
    "risposte",
];
const ID_NAMES: &[&str] = &["id", "key", "nr", "no", "number"];
const TITLE_NAMES: &[&str] = &["title", "name", "subject", "topic", "titel", "titre", "titulo", "titolo"];
const URL_NAMES: &[&str] = &["url", "link", "source", "href", "quelle", "bron"];

impl Columns {
    const WITHOUT_HEADER: Self = Self { named: false, question: 0, answer: 1, id: None, title: None, url: None };

    /// The first line names the columns when it names both that are needed.
    fn named_by(header: &csv::StringRecord) -> Option<Self> {
        let names: Vec<String> = header.iter().map(|cell| fold(cell.trim()).replace(['_', '-'], " ")).collect();
        let column = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        Some(Self {
            named: true,
            question: column(QUESTION_NAMES)?,
            answer: column(ANSWER_NAMES)?,
            id: column(ID_NAMES),
            title: column(TITLE_NAMES),
            url: column(URL_NAMES),
        })
    }
}

pub(super) fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
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

/// Entries of a JSON list; the parser has checked that each is JSON at all.
pub(super) fn from_entries(
    document: &KnowledgeDocument,
    entries: &[Value],
    unfinished: Unfinished,
) -> Result<Vec<Passage>, KnowledgeError> {
    let mut seen = HashSet::new();
    let mut passages = Vec::with_capacity(entries.len());
    for (position, entry) in entries.iter().enumerate() {
        let number = position + 1;
        let entry = Entry::deserialize(entry).map_err(|source| KnowledgeError::Entry { entry: number, source })?;
        let id = entry.id.map_or_else(|| format!("{}#{number}", document.id), |Id(id)| id);
        if !seen.insert(id.clone()) && unfinished == Unfinished::Refused {
            return Err(KnowledgeError::DuplicateId { id });
        }
        let questions: Vec<String> = entry
            .questions
            .into_iter()
            .flatten()
            .chain(entry.question)
            .map(|q| q.trim().to_owned())
            .filter(|q| !q.is_empty())
            .collect();
        let title = entry.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        let incomplete = |field| KnowledgeError::IncompleteEntry { entry: number, id: id.clone(), field };
        let title = title.or_else(|| questions.first().cloned());
        let title = unfinished.or_else(title, || incomplete("title and no question"))?;
        let answer = entry.answer.map(|answer| answer.trim().to_owned()).filter(|answer| !answer.is_empty());
        let answer = unfinished.or_else(answer, || incomplete("answer"))?;
        let at = format!("entry {number} ({id:?})");
        for question in questions.iter().chain([&title]) {
            unfinished.check_length(&at, "a question or the title", question, MAX_QUESTION_CHARS)?;
        }
        unfinished.check_length(&at, "the answer", &answer, MAX_ANSWER_CHARS)?;
        passages.push(Passage {
            id,
            document: document.id.clone(),
            title,
            heading_path: Vec::new(),
            questions,
            text: answer,
            url: entry.url.filter(|url| is_web_address(url)).or_else(|| document.url.clone()),
        });
    }
    Ok(passages)
}

impl Unfinished {
    /// What is missing is an error, or nothing.
    fn or_else<T: Default>(
        self,
        found: Option<T>,
        missing: impl FnOnce() -> KnowledgeError,
    ) -> Result<T, KnowledgeError> {
        match self {
            Self::Refused => found.ok_or_else(missing),
            Self::Kept => Ok(found.unwrap_or_default()),
        }
    }

    fn check_length(self, at: &str, field: &'static str, value: &str, limit: usize) -> Result<(), KnowledgeError> {
        if self == Self::Refused && value.chars().nth(limit).is_some() {
            return Err(KnowledgeError::TooLong { at: at.to_owned(), field, limit });
        }
        Ok(())
    }
}
