//! Running text: Markdown and plain text, cut at headings, then at paragraphs, then at sentences.

use super::{KnowledgeDocument, MAX_PASSAGE_CHARS, Passage};
use crate::ai::text::cut_at_sentence;

/// What stands between two headings.
#[derive(Default)]
pub(super) struct Section {
    /// Level and words of the headings above and at this section.
    headings: Vec<(usize, String)>,
    pub(super) paragraphs: Vec<String>,
}

impl Section {
    /// What follows a heading: below those above it, in place of those of its own level and deeper.
    pub(super) fn under(&self, level: usize, words: String) -> Self {
        let mut headings = self.headings.clone();
        headings.retain(|(above, _)| *above < level);
        headings.push((level, words));
        Self { headings, paragraphs: Vec::new() }
    }

    /// The same place with other text.
    pub(super) fn with(&self, paragraphs: Vec<String>) -> Self {
        Self { headings: self.headings.clone(), paragraphs }
    }
}

pub(super) fn from_plain_text(document: &KnowledgeDocument, text: &str) -> Vec<Passage> {
    let paragraphs = text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    let mut passages = Vec::new();
    emit(document, Section { headings: Vec::new(), paragraphs }, &mut passages);
    passages
}

pub(super) fn from_markdown(document: &KnowledgeDocument, text: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut section = Section::default();
    let mut paragraph = String::new();
    let mut fence: Option<&str> = None;
    for line in without_front_matter(text).lines() {
        let trimmed = line.trim();
        if let Some(mark) = fence {
            if trimmed.starts_with(mark) {
                fence = None;
            } else {
                push_line(&mut paragraph, line);
            }
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
            fence = Some(mark);
            continue;
        }
        if let Some((level, words)) = heading(trimmed) {
            end_paragraph(&mut paragraph, &mut section);
            let next = section.under(level, words);
            emit(document, std::mem::replace(&mut section, next), &mut passages);
        } else if trimmed.is_empty() {
            end_paragraph(&mut paragraph, &mut section);
        } else if trimmed.chars().any(char::is_alphanumeric) {
            push_line(&mut paragraph, &plain(trimmed));
        }
    }
    end_paragraph(&mut paragraph, &mut section);
    emit(document, section, &mut passages);
    passages
}

/// YAML between two `---` lines at the very start describes the file; it answers nothing.
fn without_front_matter(text: &str) -> &str {
    let Some(inside) = text.strip_prefix("---\n") else { return text };
    inside.find("\n---\n").map_or(text, |end| &inside[end + 5..])
}

fn heading(line: &str) -> Option<(usize, String)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let words = line[level..].strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !words.is_empty()).then(|| (level, plain(words)))
}

fn push_line(paragraph: &mut String, line: &str) {
    if !paragraph.is_empty() {
        // A list stays a list; wrapped prose becomes one line.
        let is_item = line.starts_with("- ") || line.starts_with(|c: char| c.is_ascii_digit());
        paragraph.push(if is_item { '\n' } else { ' ' });
    }
    paragraph.push_str(line);
}

fn end_paragraph(paragraph: &mut String, section: &mut Section) {
    if !paragraph.is_empty() {
        section.paragraphs.push(std::mem::take(paragraph));
    }
}

/// Chat shows plain text: emphasis marks go, `[words](address)` becomes its words, bullets become dashes.
fn plain(line: &str) -> String {
    let line = line.trim_start_matches('>').trim_start();
    let line = match line.strip_prefix("* ").or_else(|| line.strip_prefix("+ ")) {
        Some(item) => format!("- {item}"),
        None => line.to_owned(),
    };
    let mut out = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(open) = rest.find('[') {
        let (before, from_open) = rest.split_at(open);
        match from_open.find("](").and_then(|middle| Some((middle, middle + from_open[middle..].find(')')?))) {
            Some((middle, close)) => {
                out.push_str(before.strip_suffix('!').unwrap_or(before));
                out.push_str(&from_open[1..middle]);
                rest = &from_open[close + 1..];
            }
            None => {
                out.push_str(before);
                out.push('[');
                rest = &from_open[1..];
            }
        }
    }
    out.push_str(rest);
    out.replace("**", "").replace("__", "").replace('`', "")
}

/// The passages of a section, under the document's name where it has no heading.
pub(super) fn emit(document: &KnowledgeDocument, section: Section, passages: &mut Vec<Passage>) {
    let mut path: Vec<String> = section.headings.into_iter().map(|(_, words)| words).collect();
    let title = path.pop().unwrap_or_else(|| document.name.clone());
    for text in pack(section.paragraphs) {
        passages.push(Passage {
            id: format!("{}#{}", document.id, passages.len() + 1),
            document: document.id.clone(),
            title: title.clone(),
            heading_path: path.clone(),
            questions: Vec::new(),
            text,
            url: document.url.clone(),
        });
    }
}

/// Joins short paragraphs and cuts long ones, so that each piece is a comfortable chat reply.
fn pack(paragraphs: Vec<String>) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut piece_chars = 0;
    for paragraph in paragraphs {
        let mut rest = paragraph.as_str();
        while !rest.is_empty() {
            let part = cut_at_sentence(rest, MAX_PASSAGE_CHARS);
            rest = rest[part.len()..].trim_start();
            if part.is_empty() {
                continue;
            }
            let chars = part.chars().count();
            if piece_chars > 0 && piece_chars + chars + 2 > MAX_PASSAGE_CHARS {
                pieces.push(std::mem::take(&mut piece));
                piece_chars = 0;
            }
            if !piece.is_empty() {
                piece.push_str("\n\n");
                piece_chars += 2;
            }
            piece.push_str(part);
            piece_chars += chars;
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}
