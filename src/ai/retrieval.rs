//! Ranks passages for a question: by words (decision 0003), and by meaning as well where there is a model (decision 0011).
//!
//! A passage is found through units: its title, each of its known questions, and everything it says. BM25 scores a unit; a
//! question's word meets an indexed word exactly (after stemming), or softly by shared letter groups, which covers typos,
//! compounds and inflections of languages without a stemmer.

mod evidence;
mod meaning;
mod soft;
mod terms;
mod tuning;

use crate::ai::knowledge::Passage;
pub use evidence::{ByMeaning, Evidence};
pub use meaning::Meanings;
use soft::Vocabulary;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use terms::{Language, Term};
pub use tuning::Tuning;

/// A question longer than this is read up to here: nobody asks one in more words, and time stays bounded.
const MAX_QUESTION_CHARS: usize = 1_000;
const MAX_QUESTION_TERMS: usize = 48;

/// What a chatbot knows, ready to be asked. A change of knowledge builds a new index, which replaces the old one; all that changes in
/// one is that it learns to compare by meaning, once.
pub struct KnowledgeIndex {
    tuning: Tuning,
    passages: Vec<Passage>,
    languages: Vec<Language>,
    vocabulary: Vocabulary,
    /// Per term: how telling it is.
    rarity: Vec<f32>,
    /// Per term: the units that hold it.
    postings: Vec<Vec<Posting>>,
    units: Vec<Unit>,
    /// Nothing until the model has read the passages, which takes longer than counting their words.
    meanings: OnceLock<Meanings>,
    /// How many passages it has read.
    read: AtomicUsize,
}

/// A passage that may answer, best first. Scores compare within one search only.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'index> {
    pub number: usize,
    pub passage: &'index Passage,
    pub score: f32,
}

struct Posting {
    unit: u32,
    /// Saturated, length-normalised term frequency.
    weight: f32,
}

struct Unit {
    passage: u32,
    kind: UnitKind,
    /// Sum of the rarity of its distinct terms: what a question would have to say to match it in full.
    rarity: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum UnitKind {
    /// A title or a known question.
    Short,
    /// Everything the passage says.
    Whole,
}

/// A word of the question with the indexed terms it may mean.
struct QueryTerm {
    weight: f32,
    /// `(term, similarity in 0..=1)`
    meanings: Vec<(u32, f32)>,
}

impl KnowledgeIndex {
    pub fn new(passages: Vec<Passage>) -> Self {
        Self::build(passages, Tuning::default(), &mut || {})
    }

    /// For fitting; the hub itself always uses the default tuning.
    pub fn with_tuning(passages: Vec<Passage>, tuning: Tuning) -> Self {
        Self::build(passages, tuning, &mut || {})
    }

    /// As [`KnowledgeIndex::new`], for many passages: `indexed` is called once for each.
    pub fn watched(passages: Vec<Passage>, indexed: &mut dyn FnMut()) -> Self {
        Self::build(passages, Tuning::default(), indexed)
    }

    fn build(passages: Vec<Passage>, tuning: Tuning, indexed: &mut dyn FnMut()) -> Self {
        let guesses: Vec<Option<Language>> = passages.iter().map(|p| terms::guess_language(&spoken(p))).collect();
        let languages = terms::main_languages(&guesses);
        let fallback = languages.first().copied().unwrap_or(Language::English);
        let mut builder = Builder::default();
        for (position, (passage, guess)) in passages.iter().zip(guesses).enumerate() {
            builder.add(position as u32, passage, guess.unwrap_or(fallback));
            indexed();
        }
        builder.finish(passages, languages, tuning)
    }

    pub fn len(&self) -> usize {
        self.passages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    /// The passages most likely to answer, best first, at most `limit`.
    pub fn search(&self, question: &str, limit: usize) -> Vec<Hit<'_>> {
        let scores = self.score(&self.read(question), question);
        self.hits(&scores.best(limit), &scores)
    }

    /// The best passages together with what speaks for and against them.
    pub fn weigh(&self, question: &str, limit: usize) -> (Vec<Hit<'_>>, Evidence) {
        let query = self.read(question);
        let scores = self.score(&query, question);
        let best = scores.best(limit.max(2));
        let evidence = evidence::gather(self, &query, &scores, &best);
        (self.hits(&best, &scores), evidence)
    }

    pub fn passage(&self, number: usize) -> Option<&Passage> {
        self.passages.get(number)
    }

    /// A word of the question, as it is or nearly, is in this passage.
    pub(super) fn shares_a_word(&self, question: &str, passage: usize) -> bool {
        self.score_words(&self.read(question)).get(passage).is_some_and(|score| *score > 0.0)
    }

    /// Too little is said for the question to stand alone: at most two content words.
    pub(super) fn is_follow_up(&self, question: &str) -> bool {
        let terms = terms::tokenize(crate::ai::text::prefix(question, MAX_QUESTION_CHARS));
        terms.iter().filter(|term| !term.is_function_word).count() <= 2
    }

    fn read(&self, question: &str) -> Vec<QueryTerm> {
        let question = crate::ai::text::prefix(question, MAX_QUESTION_CHARS);
        let mut seen = HashMap::new();
        for term in terms::tokenize(question) {
            let next = seen.len();
            seen.entry(term.surface.clone()).or_insert((next, term));
        }
        let mut distinct: Vec<(usize, Term)> = seen.into_values().collect();
        distinct.sort_by_key(|(order, _)| *order);
        distinct.truncate(MAX_QUESTION_TERMS);
        distinct.into_iter().map(|(_, term)| self.resolve(&term)).collect()
    }

    fn resolve(&self, term: &Term) -> QueryTerm {
        let mut meanings: Vec<(u32, f32)> = Vec::new();
        for language in &self.languages {
            if let Some(id) = self.vocabulary.id(&term.stem(*language))
                && !meanings.iter().any(|(known, _)| *known == id)
            {
                meanings.push((id, 1.0));
            }
        }
        if meanings.is_empty() && !term.is_function_word {
            meanings = self.vocabulary.similar(&term.surface, &self.tuning);
        }
        let known = meanings.iter().map(|(id, similarity)| self.rarity[*id as usize] * similarity).fold(0.0, f32::max);
        let sharpest = meanings.iter().map(|(_, similarity)| *similarity).fold(0.0, f32::max);
        // A word that the knowledge never uses is as telling as the rarest one it does.
        let unknown = idf(self.passages.len(), 0);
        let rarity = if meanings.is_empty() { unknown } else { known + (1.0 - sharpest) * unknown };
        let importance = if term.is_function_word { self.tuning.function_word } else { 1.0 };
        QueryTerm { weight: rarity * importance, meanings }
    }

    fn score(&self, query: &[QueryTerm], question: &str) -> Scores {
        let by_words = self.score_words(query);
        let question = crate::ai::text::prefix(question, MAX_QUESTION_CHARS);
        let is_empty = !question.chars().any(char::is_alphanumeric);
        let meanings = self.meanings.get().filter(|_| !is_empty);
        let likenesses = meanings.and_then(|meanings| meanings.likenesses(question, self.passages.len()));
        let total = match &likenesses {
            Some(likenesses) => meaning::fuse(likenesses, &by_words),
            None => by_words.clone(),
        };
        Scores { by_words, likenesses, total }
    }

    fn score_words(&self, query: &[QueryTerm]) -> Vec<f32> {
        let mut by_unit = vec![0.0_f32; self.units.len()];
        let mut touched = vec![0.0_f32; 0];
        for term in query {
            if term.meanings.len() == 1 {
                let (id, similarity) = term.meanings[0];
                for posting in &self.postings[id as usize] {
                    by_unit[posting.unit as usize] += term.weight * similarity * posting.weight;
                }
                continue;
            }
            // Several meanings of one word: a unit is credited with the best of them, not with their sum.
            touched.resize(self.units.len(), 0.0);
            let mut units = Vec::new();
            for (id, similarity) in &term.meanings {
                for posting in &self.postings[*id as usize] {
                    let slot = &mut touched[posting.unit as usize];
                    if *slot == 0.0 {
                        units.push(posting.unit);
                    }
                    *slot = slot.max(term.weight * similarity * posting.weight);
                }
            }
            for unit in units {
                by_unit[unit as usize] += std::mem::take(&mut touched[unit as usize]);
            }
        }
        let mut by_passage = vec![(0.0_f32, 0.0_f32); self.passages.len()];
        for (unit, score) in self.units.iter().zip(by_unit) {
            let slot = &mut by_passage[unit.passage as usize];
            match unit.kind {
                UnitKind::Whole => slot.0 = score,
                UnitKind::Short => slot.1 = slot.1.max(score),
            }
        }
        let share = self.tuning.unit_share;
        by_passage.into_iter().map(|(whole, short)| (1.0 - share) * whole + share * short).collect()
    }

    fn hits(&self, order: &[usize], scores: &Scores) -> Vec<Hit<'_>> {
        order.iter().map(|&at| Hit { number: at, passage: &self.passages[at], score: scores.total[at] }).collect()
    }
}

/// Per passage.
struct Scores {
    by_words: Vec<f32>,
    /// In -1..=1; `None` when words are all there is.
    likenesses: Option<Vec<f32>>,
    /// What decides.
    total: Vec<f32>,
}

impl Scores {
    fn best(&self, limit: usize) -> Vec<usize> {
        let has_something = |at: &usize| {
            let is_like = |likenesses: &Vec<f32>| likenesses[*at] >= meaning::NO_LIKENESS;
            self.by_words[*at] > 0.0 || self.likenesses.as_ref().is_some_and(is_like)
        };
        let mut order: Vec<usize> = (0..self.total.len()).filter(has_something).collect();
        order.sort_by(|&a, &b| self.total[b].total_cmp(&self.total[a]).then(a.cmp(&b)));
        order.truncate(limit);
        order
    }
}

fn idf(documents: usize, holding: usize) -> f32 {
    let (documents, holding) = (documents as f32, holding as f32);
    ((documents - holding + 0.5) / (holding + 0.5)).ln_1p()
}

/// The passage's words, for guessing its language.
fn spoken(passage: &Passage) -> String {
    format!("{} {} {}", passage.title, passage.questions.join(" "), passage.text)
}

/// Collects term counts; weights need the averages and are computed at the end.
#[derive(Default)]
struct Builder {
    vocabulary: Vocabulary,
    units: Vec<(u32, UnitKind, HashMap<u32, u32>, u32)>,
}

impl Builder {
    fn add(&mut self, passage: u32, content: &Passage, language: Language) {
        let mut whole = HashMap::new();
        let mut whole_length = 0;
        let heading = content.heading_path.join(" ");
        let short = std::iter::once(content.title.as_str()).chain(content.questions.iter().map(String::as_str));
        let shorts: Vec<&str> = short.filter(|text| !text.trim().is_empty()).collect();
        for text in &shorts {
            let (counts, length) = self.count(text, language);
            for (term, count) in &counts {
                *whole.entry(*term).or_insert(0) += count;
            }
            whole_length += length;
            self.units.push((passage, UnitKind::Short, counts, length));
        }
        for text in [heading.as_str(), content.text.as_str()] {
            let (counts, length) = self.count(text, language);
            for (term, count) in counts {
                *whole.entry(term).or_insert(0) += count;
            }
            whole_length += length;
        }
        self.units.push((passage, UnitKind::Whole, whole, whole_length));
    }

    fn count(&mut self, text: &str, language: Language) -> (HashMap<u32, u32>, u32) {
        let mut counts = HashMap::new();
        let mut length = 0;
        for term in terms::tokenize(text) {
            let id = self.vocabulary.intern(&term.stem(language), &term.surface);
            *counts.entry(id).or_insert(0) += 1;
            length += 1;
        }
        (counts, length)
    }

    fn finish(self, passages: Vec<Passage>, languages: Vec<Language>, tuning: Tuning) -> KnowledgeIndex {
        let terms = self.vocabulary.len();
        let mut holding = vec![0_usize; terms];
        for (_, kind, counts, _) in &self.units {
            if *kind == UnitKind::Whole {
                counts.keys().for_each(|&term| holding[term as usize] += 1);
            }
        }
        let rarity: Vec<f32> = holding.iter().map(|&count| idf(passages.len(), count)).collect();
        let average = |wanted: UnitKind| {
            let lengths: Vec<u32> = self.units.iter().filter(|unit| unit.1 == wanted).map(|unit| unit.3).collect();
            (lengths.iter().sum::<u32>() as f32 / lengths.len().max(1) as f32).max(1.0)
        };
        let (short_average, whole_average) = (average(UnitKind::Short), average(UnitKind::Whole));
        let mut postings: Vec<Vec<Posting>> = Vec::new();
        postings.resize_with(terms, Vec::new);
        let mut units = Vec::with_capacity(self.units.len());
        for (position, (passage, kind, counts, length)) in self.units.into_iter().enumerate() {
            let average = if kind == UnitKind::Short { short_average } else { whole_average };
            let norm = tuning.saturation * (1.0 + tuning.length_penalty * (length as f32 / average - 1.0));
            let mut total = 0.0;
            for (term, count) in counts {
                let count = count as f32;
                total += rarity[term as usize];
                let weight = count * (tuning.saturation + 1.0) / (count + norm);
                postings[term as usize].push(Posting { unit: position as u32, weight });
            }
            units.push(Unit { passage, kind, rarity: total });
        }
        KnowledgeIndex {
            tuning,
            passages,
            languages,
            vocabulary: self.vocabulary.sealed(),
            rarity,
            postings,
            units,
            meanings: OnceLock::new(),
            read: AtomicUsize::new(0),
        }
    }
}

#[cfg(test)]
mod tests;
