//! The constants of ranking, in one value so that `examples/fit_responder.rs` can vary them.

/// How words are weighed. [`Tuning::default`] is what ships; `NOTICE` names the data it was chosen on. The search found
/// plateaus rather than peaks, so each value is a round one inside its plateau.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// A word said again counts less and less, and hardly at all after about this many times.
    pub saturation: f32,
    /// How far a long text is held against a match: 0 not at all, 1 in full proportion.
    pub length_penalty: f32,
    /// How much the best single unit (one known question, the title) counts beside the whole passage.
    pub unit_share: f32,
    /// How much a function word ("how", "the") counts beside a content word: less, but "when" and "where" differ.
    /// The search would go on to 0.7; held back, because its sets are chat lines throughout and headings share no such words.
    pub function_word: f32,
    /// Share of common letter groups from which on an unknown word may mean an indexed one.
    pub min_similarity: f32,
    /// A soft match never counts as much as the word itself.
    pub soft_discount: f32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            saturation: 2.0,
            length_penalty: 0.75,
            unit_share: 0.5,
            function_word: 0.5,
            min_similarity: 0.5,
            soft_discount: 0.75,
        }
    }
}
