//! The indexed words, and which of them a mistyped or compounded word may mean.

use super::Tuning;
use std::collections::HashMap;

/// Words below this length have too few letter groups to be told apart.
const MIN_LETTERS: usize = 4;
const MAX_MEANINGS: usize = 4;

type Group = [char; 3];

#[derive(Default)]
pub(super) struct Vocabulary {
    ids: HashMap<Box<str>, u32>,
    /// Letter groups of each word as it was first written.
    groups: Vec<u16>,
    by_group: HashMap<Group, Vec<u32>>,
}

impl Vocabulary {
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn id(&self, stem: &str) -> Option<u32> {
        self.ids.get(stem).copied()
    }

    pub(super) fn intern(&mut self, stem: &str, surface: &str) -> u32 {
        if let Some(id) = self.ids.get(stem) {
            return *id;
        }
        let id = self.groups.len() as u32;
        self.ids.insert(stem.into(), id);
        let groups = letter_groups(surface);
        self.groups.push(groups.len() as u16);
        for group in groups {
            self.by_group.entry(group).or_default().push(id);
        }
        id
    }

    /// Gives back the spare room left from growing: the index lives long.
    pub(super) fn sealed(mut self) -> Self {
        self.by_group.values_mut().for_each(Vec::shrink_to_fit);
        self.groups.shrink_to_fit();
        self
    }

    /// Indexed words that share many letter groups with an unknown one, most similar first. A word wholly inside another
    /// ("costs" in "shippingcosts") counts too.
    pub(super) fn similar(&self, surface: &str, tuning: &Tuning) -> Vec<(u32, f32)> {
        if surface.chars().count() < MIN_LETTERS || surface.chars().all(|c| c.is_ascii_digit()) {
            return Vec::new();
        }
        let groups = letter_groups(surface);
        let mut shared: HashMap<u32, u16> = HashMap::new();
        for group in &groups {
            for id in self.by_group.get(group).into_iter().flatten() {
                *shared.entry(*id).or_insert(0) += 1;
            }
        }
        let mut similar: Vec<(u32, f32)> = shared
            .into_iter()
            .filter(|(id, _)| self.groups[*id as usize] as usize >= MIN_LETTERS)
            .map(|(id, shared)| {
                (id, similarity(f32::from(shared), groups.len() as f32, f32::from(self.groups[id as usize])))
            })
            .filter(|(_, similarity)| *similarity >= tuning.min_similarity)
            .map(|(id, similarity)| (id, similarity * tuning.soft_discount))
            .collect();
        similar.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        similar.truncate(MAX_MEANINGS);
        similar
    }
}

/// Dice's coefficient, raised when the shorter word lies almost wholly in the longer one.
fn similarity(shared: f32, ours: f32, theirs: f32) -> f32 {
    let dice = 2.0 * shared / (ours + theirs);
    let shorter = ours.min(theirs);
    // The marks of beginning and end differ for an inner word, so up to three groups can't be shared.
    let inside = if shorter >= 7.0 { (shared + 2.0).min(shorter) / shorter * 0.6 } else { 0.0 };
    dice.max(if inside >= 0.55 { inside } else { 0.0 })
}

/// Distinct groups of three letters, with marks for beginning and end.
fn letter_groups(word: &str) -> Vec<Group> {
    let letters: Vec<char> = ['^', '^'].into_iter().chain(word.chars().take(40)).chain(['$']).collect();
    let mut groups: Vec<Group> = letters.windows(3).map(|three| [three[0], three[1], three[2]]).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_and_compounds_find_the_word() {
        let mut vocabulary = Vocabulary::default();
        for word in ["warranty", "versandkosten", "delivery", "payment", "garage"] {
            vocabulary.intern(word, word);
        }
        for (typed, meant) in
            [("waranty", "warranty"), ("dellivery", "delivery"), ("payement", "payment"), ("versand", "versandkosten")]
        {
            let best = vocabulary.similar(typed, &Tuning::default()).first().map(|(id, _)| *id);
            assert_eq!(best, vocabulary.id(meant), "{typed}");
        }
        assert!(vocabulary.similar("umbrella", &Tuning::default()).is_empty());
        assert!(vocabulary.similar("pay", &Tuning::default()).is_empty());
    }
}
