//! Web pages: the text a reader came for, cut at its headings. Scripts, styles, menus, forms and whatever the page hides go.

use super::faq::is_web_address;
use super::prose::{Section, emit};
use super::{KnowledgeDocument, Passage};
use scraper::node::Element;
use scraper::{ElementRef, Html, Node, Selector};
use std::sync::LazyLock;

/// Never text for a reader.
const NOT_READ: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video",
    "head", "nav", "footer", "aside", "form", "button", "select", "textarea", "dialog",
];
const NOT_READ_ROLES: &[&str] = &["navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu"];
/// A new one starts a new line of thought; what is not listed runs on in its paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "body",
    "dd",
    "details",
    "div",
    "dl",
    "figcaption",
    "figure",
    "header",
    "hr",
    "html",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "ul",
];
/// Deeper than any `<h6>`: the question of an accordion or a definition list.
const LEVEL_OF_TERMS: usize = 7;

static CONTENT: LazyLock<Selector> = LazyLock::new(|| selector("main, [role=main]"));
static ARTICLES: LazyLock<Selector> = LazyLock::new(|| selector("article"));
static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("head > title"));
static CANONICAL: LazyLock<Selector> = LazyLock::new(|| selector("link[rel=canonical][href]"));
static TOP_HEADING: LazyLock<Selector> = LazyLock::new(|| selector("h1"));

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("AI-2: selectors are fixed at compile time and a test uses each")
}

pub(super) fn from_html(document: &KnowledgeDocument, text: &str) -> Vec<Passage> {
    let page = Html::parse_document(text);
    let title = page.select(&TITLE).next().map(|title| tidy(&title.text().collect::<String>()));
    let canonical = page.select(&CANONICAL).next().and_then(|link| link.attr("href")).filter(|url| is_web_address(url));
    let document = KnowledgeDocument {
        name: title.filter(|title| !title.is_empty()).unwrap_or_else(|| document.name.clone()),
        url: document.url.clone().or_else(|| canonical.map(str::to_owned)),
        id: document.id.clone(),
        kind: document.kind,
        text: String::new(),
    };
    // A page that says where its content is, is believed; several articles are a list of them, and all are read.
    let mut roots: Vec<ElementRef<'_>> = page.select(&CONTENT).take(1).collect();
    if roots.is_empty() {
        roots = page.select(&ARTICLES).filter(|article| !has_article_above(*article)).collect();
    }
    let whole_page = roots.is_empty();
    if whole_page {
        roots.push(page.root_element());
    }
    let mut reader =
        Reader { document: &document, passages: Vec::new(), section: Section::default(), line: Line::default() };
    for root in roots {
        reader.read(root, whole_page);
    }
    reader.end();
    reader.passages
}

fn has_article_above(article: ElementRef<'_>) -> bool {
    article.ancestors().any(|above| above.value().as_element().is_some_and(|element| element.name() == "article"))
}

struct Reader<'d> {
    document: &'d KnowledgeDocument,
    passages: Vec<Passage>,
    section: Section,
    line: Line,
}

/// The paragraph in the making.
#[derive(Default)]
struct Line {
    text: String,
    /// Level of the heading that is being read.
    heading: Option<usize>,
    cells: usize,
}

impl Reader<'_> {
    /// Iterative: a page nested ten thousand deep must not use the stack up.
    fn read(&mut self, root: ElementRef<'_>, whole_page: bool) {
        use ego_tree::iter::Edge;
        let mut skipped = None;
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) if skipped.is_none() => match node.value() {
                    Node::Text(text) => self.push(text),
                    Node::Element(element) => {
                        let is_page_head = whole_page && element.name() == "header" && !holds_top_heading(node);
                        if is_page_head || is_not_read(element) {
                            skipped = Some(node.id());
                        } else {
                            self.open(element);
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
                Edge::Close(node) if skipped.is_none() => {
                    if let Some(element) = node.value().as_element() {
                        self.close(element);
                    }
                }
                _ => {}
            }
        }
        self.end_paragraph();
    }

    fn open(&mut self, element: &Element) {
        match element.name() {
            "br" => self.line.text.push('\n'),
            "li" => self.start_line("- "),
            "tr" => self.start_line(""),
            "td" | "th" => {
                // "Monday: 9 to 17, 19 to 21" reads well in a chat; a grid does not.
                if !self.line.text.trim_end().ends_with('\n')
                    && !self.line.text.trim().is_empty()
                    && self.line.cells > 0
                {
                    let text = tidy_end(&self.line.text);
                    self.line.text = format!("{text}{} ", if self.line.cells == 1 { ":" } else { "," });
                }
                self.line.cells += 1;
            }
            name => match heading_level(name) {
                Some(level) => {
                    self.end_paragraph();
                    self.line.heading = Some(level);
                }
                None if BLOCKS.contains(&name) && self.line.heading.is_none() && !self.in_list_item() => {
                    self.end_paragraph();
                }
                None => {}
            },
        }
    }

    fn close(&mut self, element: &Element) {
        match element.name() {
            name if heading_level(name).is_some() => {
                if let Some(level) = self.line.heading.take() {
                    let words = tidy(&std::mem::take(&mut self.line.text)).replace('\n', " ");
                    if !words.is_empty() {
                        let next = self.section.under(level, words);
                        emit(self.document, std::mem::replace(&mut self.section, next), &mut self.passages);
                    }
                }
            }
            "ul" | "ol" | "table" => self.end_paragraph(),
            name if BLOCKS.contains(&name) && self.line.heading.is_none() && !self.in_list_item() => {
                self.end_paragraph()
            }
            _ => {}
        }
    }

    /// An item or a row: a line of its own in the same paragraph.
    fn start_line(&mut self, mark: &str) {
        let before = tidy_end(&self.line.text).to_owned();
        self.line.text = if before.is_empty() { mark.to_owned() } else { format!("{before}\n{mark}") };
        self.line.cells = 0;
    }

    /// A paragraph inside an item stays in its line.
    fn in_list_item(&self) -> bool {
        let last = self.line.text.rsplit('\n').next().unwrap_or_default();
        last.starts_with("- ") || self.line.cells > 0
    }

    fn push(&mut self, text: &str) {
        for (position, word) in text.split_ascii_whitespace().enumerate() {
            let spaced = position > 0 || text.starts_with(|c: char| c.is_ascii_whitespace());
            if spaced && !self.line.text.is_empty() && !self.line.text.ends_with([' ', '\n']) {
                self.line.text.push(' ');
            }
            self.line.text.push_str(word);
        }
        if text.ends_with(|c: char| c.is_ascii_whitespace())
            && !self.line.text.is_empty()
            && !self.line.text.ends_with([' ', '\n'])
        {
            self.line.text.push(' ');
        }
    }

    fn end_paragraph(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = tidy(&line.text);
        if text.chars().any(char::is_alphanumeric) {
            self.section.paragraphs.push(text);
        }
    }

    fn end(&mut self) {
        self.end_paragraph();
        emit(self.document, std::mem::take(&mut self.section), &mut self.passages);
    }
}

fn heading_level(name: &str) -> Option<usize> {
    match name {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        "h5" => Some(5),
        "h6" => Some(6),
        "summary" | "dt" => Some(LEVEL_OF_TERMS),
        _ => None,
    }
}

fn is_not_read(element: &Element) -> bool {
    let hidden = element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        || element.attr("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.to_ascii_lowercase().contains("display:none")
        });
    hidden
        || NOT_READ.contains(&element.name())
        || element.attr("role").is_some_and(|role| NOT_READ_ROLES.contains(&role))
}

fn holds_top_heading(node: ego_tree::NodeRef<'_, Node>) -> bool {
    ElementRef::wrap(node).is_some_and(|element| element.select(&TOP_HEADING).next().is_some())
}

/// Blanks at the ends of lines and empty lines are how the page was written, not what it says.
fn tidy(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty() && line != "-").collect::<Vec<_>>().join("\n")
}

fn tidy_end(text: &str) -> &str {
    text.trim_end()
}
