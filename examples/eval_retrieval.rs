//! Measures the embedded responder on labelled question sets: `cargo run --example eval_retrieval -- <directory>`.
//!
//! The directory holds pairs `faq_<set>.kb.jsonl` (`{id, title, questions[], answer}`) and `faq_<set>.questions.jsonl`
//! (`{q, gold: [ids] | null}`, null: not answerable). Prints top-1, top-3, AUROC of the confidence for "the first passage is
//! right" against "not answerable", the share of unanswerable questions answered when 70 % of the answerable ones are, and at
//! threshold 0.5 the share answered and, of these, the share wrong.
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use anyhow::Context;
use baton::ai::answer::answer;
use baton::ai::knowledge::Passage;
use baton::ai::retrieval::KnowledgeIndex;
use std::path::Path;
use std::time::{Duration, Instant};

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

/// One question, judged.
struct Outcome {
    answerable: bool,
    first: bool,
    among_three: bool,
    confidence: f32,
    small_talk: bool,
}

struct Scores {
    top1: f64,
    top3: f64,
    auroc: Option<f64>,
    false_at_70: Option<f64>,
    answered: f64,
    false_at_half: f64,
}

fn main() -> anyhow::Result<()> {
    let directory = std::env::args().nth(1).context("usage: eval_retrieval <directory with faq_*.kb.jsonl>")?;
    let mut sets: Vec<String> = std::fs::read_dir(&directory)
        .with_context(|| format!("read {directory}"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_prefix("faq_")?.strip_suffix(".kb.jsonl")?.to_owned()))
        .collect();
    sets.sort();
    println!(
        "{:18} {:>5} {:>5} {:>6} {:>9} {:>8} {:>9}  slowest",
        "set", "top-1", "top-3", "AUROC", "false@70%", "ans@0.5", "false@0.5"
    );
    let mut all = Vec::new();
    for set in &sets {
        let (outcomes, slowest) = run(Path::new(&directory), set)?;
        let scores = judge(outcomes);
        print_row(set, &scores, &format!("{slowest:?}"));
        all.push(scores);
    }
    let mean = |pick: &dyn Fn(&Scores) -> Option<f64>| {
        let values: Vec<f64> = all.iter().filter_map(pick).collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    let macro_average = Scores {
        top1: mean(&|s| Some(s.top1)),
        top3: mean(&|s| Some(s.top3)),
        auroc: Some(mean(&|s| s.auroc)),
        false_at_70: Some(mean(&|s| s.false_at_70)),
        answered: mean(&|s| Some(s.answered)),
        false_at_half: mean(&|s| Some(s.false_at_half)),
    };
    print_row("macro", &macro_average, "");
    Ok(())
}

fn print_row(name: &str, s: &Scores, note: &str) {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    println!(
        "{name:18} {:5.3} {:5.3} {:>6} {:>9} {:8.3} {:9.3}  {note}",
        s.top1,
        s.top3,
        figure(s.auroc),
        figure(s.false_at_70),
        s.answered,
        s.false_at_half
    );
}

fn run(directory: &Path, set: &str) -> anyhow::Result<(Vec<Outcome>, Duration)> {
    let entries: Vec<Entry> = read_lines(&directory.join(format!("faq_{set}.kb.jsonl")))?;
    let questions: Vec<Question> = read_lines(&directory.join(format!("faq_{set}.questions.jsonl")))?;
    let passages = entries
        .into_iter()
        .map(|entry| Passage {
            document: set.to_owned(),
            heading_path: Vec::new(),
            id: entry.id,
            title: entry.title,
            questions: entry.questions,
            text: entry.answer,
            url: None,
        })
        .collect();
    let index = KnowledgeIndex::new(passages);
    let mut slowest = Duration::ZERO;
    let mut outcomes = Vec::new();
    for question in questions {
        let hits = index.search(&question.q, 3);
        let started = Instant::now();
        let reply = answer(&index, &question.q, None);
        slowest = slowest.max(started.elapsed());
        let gold = question.gold.unwrap_or_default();
        outcomes.push(Outcome {
            answerable: !gold.is_empty(),
            first: hits.first().is_some_and(|hit| gold.contains(&hit.passage.id)),
            among_three: hits.iter().any(|hit| gold.contains(&hit.passage.id)),
            confidence: reply.confidence,
            small_talk: reply.confidence == 1.0 && reply.sources.is_empty(),
        });
    }
    Ok((outcomes, slowest))
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let parse = |line| serde_json::from_str(line).with_context(|| format!("parse a line of {}", path.display()));
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

fn judge(outcomes: Vec<Outcome>) -> Scores {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let answerable = outcomes.iter().filter(|o| o.answerable).count();
    let yes: Vec<f32> = outcomes.iter().filter(|o| o.answerable).map(|o| o.confidence).collect();
    // A courtesy is answered as one, rightly, whatever the set says about it.
    let judged: Vec<&Outcome> = outcomes.iter().filter(|o| !o.small_talk).collect();
    let no: Vec<f32> = judged.iter().filter(|o| !o.answerable).map(|o| o.confidence).collect();
    let wrong = |some: &[&Outcome]| share(some.iter().filter(|o| !o.first).count(), some.len());
    // The threshold that answers 70 % of the answerable ones, and what it lets through of the others.
    let mut ranked = yes.clone();
    ranked.sort_by(|a, b| b.total_cmp(a));
    let threshold = ranked.get(ranked.len() * 7 / 10).copied().unwrap_or(0.0);
    let let_through = no.iter().filter(|confidence| **confidence >= threshold).count();
    let confident: Vec<&Outcome> = judged.iter().copied().filter(|o| o.confidence >= 0.5).collect();
    Scores {
        top1: share(outcomes.iter().filter(|o| o.first).count(), answerable),
        top3: share(outcomes.iter().filter(|o| o.among_three).count(), answerable),
        auroc: auroc(&yes, &no),
        false_at_70: (!no.is_empty()).then(|| share(let_through, no.len())),
        answered: share(confident.len(), judged.len()),
        false_at_half: wrong(&confident),
    }
}

/// Probability that an answerable question got the higher confidence; `None` when a set lacks one of the kinds.
fn auroc(yes: &[f32], no: &[f32]) -> Option<f64> {
    let wins: f64 = yes
        .iter()
        .flat_map(|y| {
            no.iter().map(move |n| {
                if y > n {
                    1.0
                } else if y == n {
                    0.5
                } else {
                    0.0
                }
            })
        })
        .sum();
    (!yes.is_empty() && !no.is_empty()).then(|| wins / (yes.len() * no.len()) as f64)
}
