//! JSON: a list of questions and answers where it looks like one, any other document as what it says under its names.

use super::prose::{Section, emit};
use super::{KnowledgeDocument, KnowledgeError, Passage, Unfinished, faq};
use serde_json::{Map, Value};

const TITLES: &[&str] = &["title", "name", "heading", "question", "label", "subject", "headline"];
const PROSE: &[&str] = &["text", "content", "body", "answer", "description", "summary", "markdown"];
const ADDRESSES: &[&str] = &["url", "link", "href"];
const IDS: &[&str] = &["id", "_id", "uuid", "key", "slug"];

pub(super) fn from_json(
    document: &KnowledgeDocument,
    text: &str,
    unfinished: Unfinished,
) -> Result<Vec<Passage>, KnowledgeError> {
    let value: Value = serde_json::from_str(text).map_err(|source| unreadable(source, 0))?;
    // `{"faq": [...]}` is how many tools export what others write as the list alone.
    let list = match &value {
        Value::Array(list) => Some(list),
        Value::Object(fields) if fields.len() <= 4 => {
            let mut lists = fields.values().filter_map(Value::as_array);
            lists.next().filter(|list| lists.next().is_none() && is_faq(list))
        }
        _ => None,
    };
    match list {
        Some(list) if is_faq(list) => faq::from_entries(document, list, unfinished),
        _ => Ok(from_values(document, std::slice::from_ref(&value))),
    }
}

pub(super) fn from_json_lines(
    document: &KnowledgeDocument,
    text: &str,
    unfinished: Unfinished,
) -> Result<Vec<Passage>, KnowledgeError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let values: Result<Vec<Value>, _> =
        lines.map(|(above, line)| serde_json::from_str(line).map_err(|source| unreadable(source, above))).collect();
    let values = values?;
    if is_faq(&values) { faq::from_entries(document, &values, unfinished) } else { Ok(from_values(document, &values)) }
}

fn unreadable(source: serde_json::Error, lines_above: usize) -> KnowledgeError {
    KnowledgeError::Json { line: source.line() + lines_above, column: source.column(), source }
}

/// One entry with an answer is enough: the others are then incomplete ones, and their owner should hear of it. So should the owner
/// of entries that have no field of another kind.
fn is_faq(list: &[Value]) -> bool {
    const FIELDS: &[&str] = &["id", "title", "question", "questions", "answer", "url"];
    let has_answer = |entry: &Value| entry.get("answer").is_some() || entry.get("questions").is_some();
    let has_no_other = |entry: &Value| {
        entry.as_object().is_some_and(|fields| fields.keys().all(|name| FIELDS.contains(&name.as_str())))
    };
    list.iter().any(has_answer) || (!list.is_empty() && list.iter().all(has_no_other))
}

fn from_values(document: &KnowledgeDocument, values: &[Value]) -> Vec<Passage> {
    let mut passages = Vec::new();
    for value in values {
        read(document, value, &Section::default(), 1, &mut passages);
    }
    passages
}

/// Depth is bounded by the parser, which refuses more than 128 levels.
fn read(document: &KnowledgeDocument, value: &Value, above: &Section, level: usize, passages: &mut Vec<Passage>) {
    match value {
        Value::Object(fields) => read_object(document, fields, above, level, passages),
        Value::Array(list) if list.iter().all(is_plain) => {
            let items: Vec<String> = list.iter().filter_map(plain).map(|item| format!("- {item}")).collect();
            put(document, above, vec![items.join("\n")], None, passages);
        }
        Value::Array(list) => list.iter().for_each(|entry| read(document, entry, above, level, passages)),
        other => put(document, above, plain(other).into_iter().collect(), None, passages),
    }
}

fn read_object(
    document: &KnowledgeDocument,
    fields: &Map<String, Value>,
    above: &Section,
    level: usize,
    passages: &mut Vec<Passage>,
) {
    let text = |names: &[&'static str]| {
        names
            .iter()
            .find_map(|name| Some((*name, fields.get(*name)?.as_str()?.trim())).filter(|(_, text)| !text.is_empty()))
    };
    let title = text(TITLES);
    let url = text(ADDRESSES).filter(|(_, url)| faq::is_web_address(url));
    let used: Vec<&str> = [title, url].into_iter().flatten().map(|(name, _)| name).collect();
    let section = match title {
        Some((_, title)) => above.under(level, title.replace('\n', " ")),
        None => above.with(Vec::new()),
    };

    let mut prose: Vec<String> = Vec::new();
    let mut facts: Vec<String> = Vec::new();
    let mut deeper: Vec<(&String, &Value)> = Vec::new();
    for (name, value) in
        fields.iter().filter(|(name, _)| !used.contains(&name.as_str()) && !IDS.contains(&name.as_str()))
    {
        match value {
            Value::Object(_) => deeper.push((name, value)),
            Value::Array(list) if !list.iter().all(is_plain) => deeper.push((name, value)),
            Value::Array(list) => {
                let items: Vec<String> = list.iter().filter_map(plain).collect();
                if !items.is_empty() {
                    facts.push(format!("{}: {}", words(name), items.join(", ")));
                }
            }
            Value::String(text) if PROSE.contains(&name.as_str()) => {
                prose.extend(text.split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
            }
            other => facts.extend(plain(other).map(|value| format!("{}: {value}", words(name)))),
        }
    }
    if !facts.is_empty() {
        prose.push(facts.join("\n"));
    }
    put(document, &section, prose, url.map(|(_, url)| url), passages);
    for (name, value) in deeper {
        read(document, value, &section.under(level + 1, words(name)), level + 2, passages);
    }
}

fn put(
    document: &KnowledgeDocument,
    at: &Section,
    paragraphs: Vec<String>,
    url: Option<&str>,
    passages: &mut Vec<Passage>,
) {
    let paragraphs: Vec<String> =
        paragraphs.into_iter().filter(|text| text.chars().any(char::is_alphanumeric)).collect();
    let from = passages.len();
    emit(document, at.with(paragraphs), passages);
    if let Some(url) = url {
        passages[from..].iter_mut().for_each(|passage| passage.url = Some(url.to_owned()));
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

/// `frame_size`, `frame-size` and `frameSize` are "Frame size" to a reader.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c == '_' || c == '-' {
            words.push(' ');
        } else if c.is_uppercase() && before.is_lowercase() {
            words.push(' ');
            words.extend(c.to_lowercase());
        } else if words.is_empty() {
            words.extend(c.to_uppercase());
        } else {
            words.push(c);
        }
        before = c;
    }
    words
}
