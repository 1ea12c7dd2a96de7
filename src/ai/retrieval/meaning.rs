//! Passages compared by what they mean, beside the words they use.

use super::KnowledgeIndex;
use crate::ai::embedding::{Model, Vector, Vectors};
use crate::ai::knowledge::Passage;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How much the words count beside the meaning, when both rank. `docs/decisions/0011` has the figures; from 0.2 to 0.5 hardly
/// anything changes.
pub(super) const WORDS_SHARE: f32 = 0.35;
/// Below this, two texts have nothing in common but the language.
pub(super) const NO_LIKENESS: f32 = 0.25;

/// What the texts of an index mean: a vector for each title, known question and answer.
pub struct Meanings {
    model: Arc<Model>,
    vectors: Vectors,
    /// Per vector: the passage that it speaks for.
    passages: Vec<u32>,
}

impl Meanings {
    pub fn new(model: Arc<Model>) -> Self {
        Self { model, vectors: Vectors::default(), passages: Vec::new() }
    }

    pub fn push(&mut self, passage: usize, vector: &Vector) {
        self.vectors.push(vector);
        self.passages.push(passage as u32);
    }

    pub fn len(&self) -> usize {
        self.passages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    /// Per passage: how like the question its likest text is. `None` when the model fails, which is logged.
    pub(super) fn likenesses(&self, question: &str, passages: usize) -> Option<Vec<f32>> {
        match self.model.question(question) {
            Ok(vector) => Some(self.compare(&vector, passages)),
            Err(error) => {
                tracing::error!(error = %error, "a question could not be read by its meaning");
                None
            }
        }
    }

    fn compare(&self, question: &Vector, passages: usize) -> Vec<f32> {
        let mut best = vec![0.0_f32; passages];
        for (passage, likeness) in self.passages.iter().zip(self.vectors.likenesses(question)) {
            let slot = &mut best[*passage as usize];
            *slot = slot.max(likeness);
        }
        best
    }
}

impl KnowledgeIndex {
    /// What has to be read of a passage for its meanings.
    pub fn texts(&self, passage: usize) -> impl Iterator<Item = String> {
        self.passages.get(passage).into_iter().flat_map(texts_of)
    }

    /// From now on questions are compared by meaning, too. The first call counts.
    pub fn understand(&self, mut meanings: Meanings) {
        meanings.vectors.shrink();
        let _there_already = self.meanings.set(meanings);
    }

    pub(crate) fn set_read(&self, passages: usize) {
        self.read.store(passages, Ordering::Relaxed);
    }

    /// How many passages have been read for their meaning.
    pub fn read_passages(&self) -> usize {
        self.read.load(Ordering::Relaxed)
    }

    pub fn understands(&self) -> bool {
        self.meanings.get().is_some()
    }
}

/// A title alone may say little ("Delivery"), a text alone may not say of what it speaks: running text goes under its title.
fn texts_of(passage: &Passage) -> impl Iterator<Item = String> {
    let short = std::iter::once(&passage.title).chain(&passage.questions).cloned();
    let text = if passage.questions.is_empty() && !passage.text.is_empty() {
        format!("{}\n{}", passage.title, passage.text)
    } else {
        passage.text.clone()
    };
    short.chain([text]).filter(|text| text.chars().any(char::is_alphanumeric))
}

/// One order out of two: the likeness, and how near the words come to the best match by words.
pub(super) fn fuse(likenesses: &[f32], by_words: &[f32]) -> Vec<f32> {
    let most = by_words.iter().copied().fold(0.0, f32::max);
    let share = if most > 0.0 { WORDS_SHARE / most } else { 0.0 };
    likenesses.iter().zip(by_words).map(|(likeness, words)| likeness + share * words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_count() {
        let order = |likenesses: &[f32], words: &[f32]| {
            let fused = fuse(likenesses, words);
            (0..fused.len()).max_by(|a, b| fused[*a].total_cmp(&fused[*b])).unwrap()
        };
        assert_eq!(order(&[0.5, 0.8, 0.1], &[3.0, 2.8, 9.0]), 1, "meaning and some words");
        assert_eq!(order(&[0.5, 0.52, 0.1], &[9.0, 1.0, 0.0]), 0, "words decide between equals");
        assert_eq!(order(&[0.1, 0.4], &[0.0, 0.0]), 1, "no word at all");
    }

    #[test]
    fn a_passage_is_read_by_its_title_its_questions_and_its_text() {
        let with = super::super::tests::passage("Delivery", &["When?"], "In two days.");
        assert_eq!(texts_of(&with).collect::<Vec<_>>(), ["Delivery", "When?", "In two days."]);
        let without = super::super::tests::passage("Delivery", &[], "In two days.");
        assert_eq!(texts_of(&without).collect::<Vec<_>>(), ["Delivery", "Delivery\nIn two days."]);
        let bare = super::super::tests::passage("Delivery", &[], "");
        assert_eq!(texts_of(&bare).collect::<Vec<_>>(), ["Delivery"]);
    }
}
