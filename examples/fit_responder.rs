//! Fits the constants of the embedded responder: `cargo run --release --example fit_responder -- <directory> <set>...`.
//!
//! Name only sets whose licence lets learned constants ship (see `NOTICE`). Two stages, each printed: a coordinate search
//! over `Tuning` for top-1 plus top-3 by words, then a logistic regression of "the answer is among the first three" against "not
//! answerable" on the evidence, once by words alone and once with the search model (`make model`). Every set weighs the same. The
//! regression is fitted on all named sets and, as a check of transfer, on each alone and scored on the others. Copy the figures into `Tuning::default` and `answer::confidence` by hand, rounded.
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use anyhow::{Context, ensure};
use baton::ai::embedding::Model;
use baton::ai::knowledge::Passage;
use baton::ai::retrieval::{Evidence, KnowledgeIndex, Meanings, Tuning};
use baton::config::AiConfig;
use std::path::Path;
use std::sync::Arc;

#[derive(serde::Deserialize)]
struct Entry {
    id: String,
    title: String,
    questions: Vec<String>,
    answer: String,
}

#[derive(serde::Deserialize)]
struct Question {
    q: String,
    gold: Option<Vec<String>>,
}

struct Set {
    name: String,
    passages: Vec<Passage>,
    questions: Vec<Question>,
}

/// A constant of `Tuning`: its name, where it lives, and the rounded values worth trying.
type Knob = (&'static str, fn(&mut Tuning) -> &mut f32, &'static [f32]);

const KNOBS: &[Knob] = &[
    ("unit_share", |t| &mut t.unit_share, &[0.3, 0.4, 0.5, 0.6, 0.7]),
    ("function_word", |t| &mut t.function_word, &[0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    ("saturation", |t| &mut t.saturation, &[1.2, 1.5, 2.0, 3.0]),
    ("length_penalty", |t| &mut t.length_penalty, &[0.4, 0.5, 0.6, 0.75, 0.9]),
    ("min_similarity", |t| &mut t.min_similarity, &[0.4, 0.5, 0.6]),
    ("soft_discount", |t| &mut t.soft_discount, &[0.5, 0.6, 0.7, 0.8, 0.9]),
];

/// A smaller gain than this is noise of one set's wording: the earlier value stays.
const WORTH_A_CHANGE: f64 = 0.002;

const BY_WORDS: &[&str] = &["bias", "coverage", "unit_asked", "margin", "understood", "substance"];
/// With the meaning, the other shares of words add nothing on sets that they were not fitted on.
const WITH_MEANING: &[&str] = &["bias", "coverage", "unit_asked", "likeness", "lead"];

struct Example {
    features: Vec<f64>,
    right: bool,
    weight: f64,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().context("usage: fit_responder <directory> <set>...")?;
    let sets = arguments.map(|name| Set::read(Path::new(&directory), name)).collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!sets.is_empty(), "name the sets that may be learned from");

    let tuning = search(&sets);
    println!("{tuning:?}\n");

    // The second stage fits what ships: the rounded values, not the ones just found.
    fit_and_report(BY_WORDS, &sets, None)?;
    let folder = AiConfig::default().search_model_dir().context("no home folder")?;
    fit_and_report(WITH_MEANING, &sets, Some(&Arc::new(Model::open(&folder)?)))
}

fn fit_and_report(features: &[&str], sets: &[Set], model: Option<&Arc<Model>>) -> anyhow::Result<()> {
    println!("{:24} {}", "fitted on", features.join("  "));
    let examples = sets.iter().map(|set| set.examples(model)).collect::<anyhow::Result<Vec<_>>>()?;
    report("all", &fit(&examples.iter().flatten().collect::<Vec<_>>()), sets, &examples);
    for (set, own) in sets.iter().zip(&examples) {
        report(&set.name, &fit(&own.iter().collect::<Vec<_>>()), sets, &examples);
    }
    Ok(())
}

impl Set {
    fn read(directory: &Path, name: String) -> anyhow::Result<Self> {
        let entries: Vec<Entry> = read_lines(&directory.join(format!("faq_{name}.kb.jsonl")))?;
        let questions = read_lines(&directory.join(format!("faq_{name}.questions.jsonl")))?;
        let passage = |entry: Entry| Passage {
            document: name.clone(),
            heading_path: Vec::new(),
            id: entry.id,
            title: entry.title,
            questions: entry.questions,
            text: entry.answer,
            url: None,
        };
        Ok(Self { passages: entries.into_iter().map(passage).collect(), name, questions })
    }

    /// Top-1 plus top-3.
    fn rank(&self, tuning: Tuning) -> f64 {
        let index = KnowledgeIndex::with_tuning(self.passages.clone(), tuning);
        let (mut points, mut asked) = (0, 0);
        for (question, gold) in self.questions.iter().filter_map(|q| Some((&q.q, q.gold.as_ref()?))) {
            let hits = index.search(question, 3);
            points += hits.iter().take(1).filter(|hit| gold.contains(&hit.passage.id)).count();
            points += usize::from(hits.iter().any(|hit| gold.contains(&hit.passage.id)));
            asked += 1;
        }
        f64::from(u32::try_from(points).unwrap_or(u32::MAX)) / f64::from(asked.max(1))
    }

    /// Questions whose answer is among the first three against unanswerable ones, both sides weighing the same. Asking for
    /// the first place would teach distrust of every close second: these sets have near twins among their passages.
    fn examples(&self, model: Option<&Arc<Model>>) -> anyhow::Result<Vec<Example>> {
        let index = KnowledgeIndex::new(self.passages.clone());
        if let Some(model) = model {
            let mut meanings = Meanings::new(Arc::clone(model));
            for passage in 0..index.len() {
                for text in index.texts(passage) {
                    meanings.push(passage, &model.passage(&text)?);
                }
            }
            index.understand(meanings);
        }
        let judged: Vec<(Vec<f64>, bool)> = self
            .questions
            .iter()
            .filter_map(|question| {
                let (hits, evidence) = index.weigh(&question.q, 3);
                hits.first()?;
                match &question.gold {
                    None => Some((features(&evidence), false)),
                    Some(gold) => {
                        let found = hits.iter().any(|hit| gold.contains(&hit.passage.id));
                        found.then(|| (features(&evidence), true))
                    }
                }
            })
            .collect();
        let right = judged.iter().filter(|(_, right)| *right).count();
        let wrong = judged.len() - right;
        let weight = |of_right: bool| 0.5 / (if of_right { right } else { wrong }).max(1) as f64;
        Ok(judged.into_iter().map(|(features, right)| Example { features, right, weight: weight(right) }).collect())
    }
}

fn features(evidence: &Evidence) -> Vec<f64> {
    let e = evidence;
    let features = match e.meaning {
        None => vec![1.0, e.coverage, e.unit_asked, e.margin, e.understood, e.substance],
        Some(meaning) => vec![1.0, e.coverage, e.unit_asked, meaning.likeness, meaning.lead],
    };
    features.into_iter().map(f64::from).collect()
}

/// Where the search begins: the usual BM25 figures, and the middle of the scale for what is ours alone.
const START: Tuning = Tuning {
    saturation: 1.2,
    length_penalty: 0.75,
    unit_share: 0.5,
    function_word: 0.5,
    min_similarity: 0.5,
    soft_discount: 0.75,
};

/// Two rounds over the knobs, one at a time: the grid is coarse on purpose, and the mean over sets decides.
fn search(sets: &[Set]) -> Tuning {
    let mean = |tuning| sets.iter().map(|set| set.rank(tuning)).sum::<f64>() / sets.len() as f64;
    let mut tuning = START;
    let mut best = mean(tuning);
    println!("top-1 + top-3 at the start {best:.4}");
    for _ in 0..2 {
        for (name, knob, values) in KNOBS {
            for value in *values {
                let mut changed = tuning;
                *knob(&mut changed) = *value;
                let reached = mean(changed);
                println!("  {name:16} {value:5.2} {reached:.4}");
                if reached > best + WORTH_A_CHANGE {
                    (tuning, best) = (changed, reached);
                }
            }
        }
    }
    tuning
}

/// Gradient descent on the weighted log loss with L2. Weights stay at or above zero: each feature speaks for the answer by its
/// meaning, and a negative weight would be a quirk of the sets.
fn fit(examples: &[&Example]) -> Vec<f64> {
    const STEPS: usize = 5_000;
    const RATE: f64 = 2.0;
    const L2: f64 = 0.002;
    let total: f64 = examples.iter().map(|example| example.weight).sum();
    let count = examples.first().map_or(0, |example| example.features.len());
    let mut weights = vec![0.0; count];
    for _ in 0..STEPS {
        let mut slope = vec![0.0; count];
        for example in examples {
            let error = probability(&weights, &example.features) - f64::from(u8::from(example.right));
            for (slope, feature) in slope.iter_mut().zip(&example.features) {
                *slope += error * feature * example.weight / total;
            }
        }
        for (at, (weight, slope)) in weights.iter_mut().zip(slope).enumerate() {
            let pull = if at == 0 { 0.0 } else { L2 * *weight };
            *weight -= RATE * (slope + pull);
            if at > 0 {
                *weight = weight.max(0.0);
            }
        }
    }
    weights
}

fn probability(weights: &[f64], features: &[f64]) -> f64 {
    let sum: f64 = weights.iter().zip(features).map(|(weight, feature)| weight * feature).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// The weights, and per set how well they separate (AUROC) and which share of right and of wrong answers passes 0.5.
fn report(name: &str, weights: &[f64], sets: &[Set], examples: &[Vec<Example>]) {
    let figures: Vec<String> = weights.iter().map(|weight| format!("{weight:.2}")).collect();
    println!("{name:24} {}", figures.join("  "));
    for (set, own) in sets.iter().zip(examples) {
        let of = |right: bool| -> Vec<f64> {
            own.iter().filter(|e| e.right == right).map(|e| probability(weights, &e.features)).collect()
        };
        let (right, wrong) = (of(true), of(false));
        let wins: usize = right.iter().map(|r| wrong.iter().filter(|w| r > w).count()).sum();
        let passing = |some: &[f64]| some.iter().filter(|p| **p >= 0.5).count() as f64 / some.len().max(1) as f64;
        println!(
            "  on {:19} AUROC {:.3}  passes 0.5: right {:.3}, wrong {:.3}",
            set.name,
            wins as f64 / (right.len() * wrong.len()).max(1) as f64,
            passing(&right),
            passing(&wrong)
        );
    }
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let parse = |line| serde_json::from_str(line).with_context(|| format!("parse a line of {}", path.display()));
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}
