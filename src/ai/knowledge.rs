//! What a chatbot knows: documents of the owner, cut into passages that read well as a chat reply.

mod faq;
mod html;
mod json;
mod prose;

use crate::ai::text::strip_hidden;

/// Larger files are refused: a chat answers from texts, not from archives.
pub const MAX_DOCUMENT_BYTES: usize = 5 << 20;
pub const MAX_PASSAGES_PER_DOCUMENT: usize = 20_000;
/// Endings of the files that can be read, as people are told them.
pub const FILE_ENDINGS: &str = ".md, .txt, .html, .csv, .json or .jsonl";
/// A passage of running text is cut at the end of a sentence before this.
pub const MAX_PASSAGE_CHARS: usize = 600;
/// An answer that the owner worded as one is kept whole up to this.
pub const MAX_ANSWER_CHARS: usize = 4_000;
pub const MAX_QUESTION_CHARS: usize = 500;

/// A file as the owner gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeDocument {
    /// Tells documents of a chatbot apart; passage ids start with it.
    pub id: String,
    /// The file name or title, as shown to the owner.
    pub name: String,
    pub kind: MediaKind,
    pub text: String,
    /// Where visitors can read the document.
    pub url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Headings and paragraphs. A heading that ends in a question mark is a known question.
    Markdown,
    PlainText,
    /// A web page: its text, cut at its headings, without scripts and menus.
    Html,
    /// Questions and answers: two columns, or any with a header line that names them.
    Csv,
    /// A list of `{id, title, questions[], answer}`, with an optional `url`; or any other document, read by its field names.
    Json,
    /// The same, one value a line.
    JsonLines,
}

impl MediaKind {
    /// By the file name's ending; `None` for what is not supported.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "txt" | "text" => Some(Self::PlainText),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "csv" | "tsv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// A piece of knowledge that can stand as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Unique within the chatbot's knowledge: document id and position, or the owner's own id.
    pub id: String,
    /// Id of the document it comes from.
    pub document: String,
    pub title: String,
    /// Headings above the title, outermost first.
    pub heading_path: Vec<String>,
    /// Ways in which visitors ask for it.
    pub questions: Vec<String>,
    pub text: String,
    pub url: Option<String>,
}

/// Why a document can't become knowledge. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("the document is {size} bytes long, the limit is {MAX_DOCUMENT_BYTES}")]
    TooLarge { size: usize },
    #[error("the document holds more than {MAX_PASSAGES_PER_DOCUMENT} passages")]
    TooManyPassages,
    #[error("the document holds no text to answer with")]
    Empty,
    #[error("line {line}: the table can't be read")]
    Csv {
        line: u64,
        #[source]
        source: csv::Error,
    },
    #[error("line {line}: expected two columns, question and answer, found {found}")]
    Columns { line: u64, found: usize },
    #[error("line {line}, column {column}: the JSON can't be read")]
    Json {
        line: usize,
        column: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("entry {entry} can't be read")]
    Entry {
        entry: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("line {line}: the entry has no {field}")]
    MissingField { line: u64, field: &'static str },
    #[error("entry {entry} ({id:?}) has no {field}")]
    IncompleteEntry { entry: usize, id: String, field: &'static str },
    #[error("the id {id:?} occurs twice")]
    DuplicateId { id: String },
    #[error("{field} of {at} is longer than {limit} characters")]
    TooLong { at: String, field: &'static str, limit: usize },
}

/// What to do about entries of a list that are not fit to be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfinished {
    /// The owner hears of it.
    Refused,
    Kept,
}

/// Cuts a document into passages.
///
/// # Errors
/// When it is too large, can't be read, or holds an entry that is not fit to be answered with.
pub fn parse(document: &KnowledgeDocument) -> Result<Vec<Passage>, KnowledgeError> {
    if document.text.len() > MAX_DOCUMENT_BYTES {
        return Err(KnowledgeError::TooLarge { size: document.text.len() });
    }
    cut(document, Unfinished::Refused)
}

/// As [`parse`], for trying texts that nobody is answered from yet: entries without an answer or a title, too long ones and those whose
/// id is taken are kept.
///
/// # Errors
/// When it can't be read.
pub fn parse_draft(document: &KnowledgeDocument) -> Result<Vec<Passage>, KnowledgeError> {
    cut(document, Unfinished::Kept)
}

fn cut(document: &KnowledgeDocument, unfinished: Unfinished) -> Result<Vec<Passage>, KnowledgeError> {
    let text = strip_hidden(&document.text);
    let passages = match document.kind {
        MediaKind::Markdown => prose::from_markdown(document, &text),
        MediaKind::PlainText => prose::from_plain_text(document, &text),
        MediaKind::Html => html::from_html(document, &text),
        MediaKind::Csv => faq::from_csv(document, &text, unfinished)?,
        MediaKind::Json => json::from_json(document, &text, unfinished)?,
        MediaKind::JsonLines => json::from_json_lines(document, &text, unfinished)?,
    };
    match passages.len() {
        0 => Err(KnowledgeError::Empty),
        count if count > MAX_PASSAGES_PER_DOCUMENT && unfinished == Unfinished::Refused => {
            Err(KnowledgeError::TooManyPassages)
        }
        _ => Ok(passages),
    }
}

#[cfg(test)]
mod tests;
