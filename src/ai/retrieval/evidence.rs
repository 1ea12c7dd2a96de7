//! What speaks for and against the best passage; `answer` makes a confidence of it.

use super::{KnowledgeIndex, QueryTerm, Scores, UnitKind};

/// Shares in 0..=1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Evidence {
    /// Of the question's weight: said somewhere in the best passage.
    pub coverage: f32,
    /// Of the weight of the passage's best title or known question: asked.
    pub unit_asked: f32,
    /// How far the best passage leads the second.
    pub margin: f32,
    /// Of the question's weight: words that mean something to the index.
    pub understood: f32,
    /// Weight of what matched, in units of the most telling word.
    pub substance: f32,
    /// Where there is a model.
    pub meaning: Option<ByMeaning>,
}

/// What the meaning says about the best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByMeaning {
    /// Of the question to the passage; hardly ever below 0.
    pub likeness: f32,
    /// How far the passage leads the second, by words and meaning together.
    pub lead: f32,
}

pub(super) fn gather(index: &KnowledgeIndex, query: &[QueryTerm], scores: &Scores, order: &[usize]) -> Evidence {
    let Some(&best) = order.first() else { return Evidence::default() };
    let meaning = scores.likenesses.as_ref().map(|likenesses| ByMeaning {
        likeness: likenesses[best],
        lead: scores.total[best] - order.get(1).map_or(0.0, |&second| scores.total[second]),
    });
    let total: f32 = query.iter().map(|term| term.weight).sum();
    if total <= 0.0 {
        return Evidence { meaning, ..Evidence::default() };
    }
    let ours: Vec<usize> = (0..index.units.len()).filter(|&at| index.units[at].passage as usize == best).collect();
    let mut coverage = 0.0;
    let mut unit_asked = 0.0;
    let mut balance = 0.0_f32;
    let mut substance = 0.0;
    for &at in &ours {
        let (mut said, mut asked) = (0.0, 0.0);
        for term in query {
            let held = |id: u32| index.postings[id as usize].binary_search_by_key(&(at as u32), |p| p.unit).is_ok();
            let meant = term.meanings.iter().filter(|(id, _)| held(*id)).max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((id, similarity)) = meant {
                said += term.weight * similarity;
                asked += index.rarity[*id as usize] * similarity;
            }
        }
        let unit = &index.units[at];
        if unit.kind == UnitKind::Whole {
            coverage = said / total;
            substance = said / super::idf(index.passages.len(), 0);
            continue;
        }
        let (said, asked) = (said / total, if unit.rarity > 0.0 { (asked / unit.rarity).min(1.0) } else { 0.0 });
        let harmonic = if said + asked > 0.0 { 2.0 * said * asked / (said + asked) } else { 0.0 };
        if harmonic > balance {
            (balance, unit_asked) = (harmonic, asked);
        }
    }
    let second = order.get(1).map_or(0.0, |&at| scores.by_words[at]);
    let margin = if scores.by_words[best] > 0.0 { 1.0 - second / scores.by_words[best] } else { 0.0 };
    let understood = query.iter().filter(|term| !term.meanings.is_empty()).map(|term| term.weight).sum::<f32>() / total;
    Evidence { coverage, unit_asked, margin: margin.max(0.0), understood, substance: substance.min(3.0) / 3.0, meaning }
}
