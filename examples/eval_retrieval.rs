//! Measures the embedded responder on labelled question sets: `make eval DATA=<directory>`, or
//! `cargo run --release --example eval_retrieval -- <directory> [--words]`.
//!
//! The directory holds pairs `faq_<set>.kb.jsonl` (`{id, title, questions[], answer}`) and `faq_<set>.questions.jsonl`
//! (`{q, gold: [ids] | null}`, null: not answerable). Each set is a knowledge base of its own; its questions are never in it.
//! Columns: the right entry first, and among the first three; AUROC of the confidence for answerable against not; the share of
//! unanswerable questions that are answered when 70 % of the answerable ones are; and at threshold 0.5 the share of answerable
//! questions that are answered, and of unanswerable ones. Small talk is judged like any other question.
//!
//! The constants were fitted on [`FITTED`] alone (`NOTICE`), so there are two means: of all sets with unanswerable questions, which
//! has to reach [`FLOORS`], and of those among them that nothing was fitted on. Fails below the floors.
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use anyhow::{Context, ensure};
use baton::ai::answer::from_knowledge;
use baton::ai::embedding::Model;
use baton::ai::knowledge::Passage;
use baton::ai::retrieval::{KnowledgeIndex, Meanings};
use baton::config::AiConfig;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sets whose questions the constants were fitted on.
const FITTED: [&str; 2] = ["banking77", "clinc150"];

/// What the mean over the sets has to reach, or in the last two columns not exceed. A little below what was measured.
struct Floors {
    top1: f64,
    top3: f64,
    auroc: f64,
    false_at_70: f64,
}

const FLOORS: Floors = Floors { top1: 0.78, top3: 0.93, auroc: 0.88, false_at_70: 0.14 };
/// Without the model.
const FLOORS_OF_WORDS: Floors = Floors { top1: 0.74, top3: 0.90, auroc: 0.83, false_at_70: 0.19 };

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
}

struct Scores {
    top1: f64,
    top3: f64,
    auroc: Option<f64>,
    false_at_70: Option<f64>,
    answered: f64,
    false_at_half: Option<f64>,
}

fn main() -> anyhow::Result<()> {
    let directory =
        std::env::args().nth(1).context("usage: eval_retrieval <directory with faq_*.kb.jsonl> [--words]")?;
    let by_words = std::env::args().any(|argument| argument == "--words");
    let model = if by_words {
        None
    } else {
        let folder = AiConfig::default().search_model_dir().context("no home folder")?;
        Some(Arc::new(Model::open(&folder)?))
    };
    println!("-- answers from knowledge, {}", if by_words { "by words alone" } else { "by words and meaning" });
    let mut sets: Vec<String> = std::fs::read_dir(&directory)
        .with_context(|| format!("read {directory}"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_prefix("faq_")?.strip_suffix(".kb.jsonl")?.to_owned()))
        .collect();
    sets.sort();
    ensure!(!sets.is_empty(), "{directory} holds no faq_*.kb.jsonl");
    println!(
        "{:18} {:>5} {:>5} {:>6} {:>9} {:>8} {:>9}  median, slowest question",
        "set", "top-1", "top-3", "AUROC", "false@70%", "ans@0.5", "false@0.5"
    );
    let mut all = Vec::new();
    for set in sets {
        let (outcomes, mut times) = run(Path::new(&directory), &set, model.as_ref())?;
        let scores = judge(&outcomes);
        times.sort();
        let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
        print_row(&set, &scores, &format!("{median:.1?}, {slowest:.1?}"));
        all.push((set, scores));
    }
    let judged: Vec<&(String, Scores)> = all.iter().filter(|(_, scores)| scores.auroc.is_some()).collect();
    let unseen: Vec<&Scores> =
        judged.iter().filter(|(set, _)| !FITTED.contains(&set.as_str())).map(|(_, scores)| scores).collect();
    let mean_of_all = mean(&judged.iter().map(|(_, scores)| scores).collect::<Vec<_>>());
    print_row("mean", &mean_of_all, &format!("of {} sets with unanswerable questions", judged.len()));
    print_row("mean, not fitted", &mean(&unseen), &format!("of {} that nothing was fitted on", unseen.len()));
    let floors = if by_words { FLOORS_OF_WORDS } else { FLOORS };
    floors.check(&mean_of_all)
}

impl Floors {
    fn check(&self, reached: &Scores) -> anyhow::Result<()> {
        let auroc = reached.auroc.context("no set has unanswerable questions")?;
        let false_at_70 = reached.false_at_70.context("no set has unanswerable questions")?;
        ensure!(reached.top1 >= self.top1, "top-1 {:.3} is below the floor {}", reached.top1, self.top1);
        ensure!(reached.top3 >= self.top3, "top-3 {:.3} is below the floor {}", reached.top3, self.top3);
        ensure!(auroc >= self.auroc, "AUROC {auroc:.3} is below the floor {}", self.auroc);
        ensure!(false_at_70 <= self.false_at_70, "false@70% {false_at_70:.3} is above {}", self.false_at_70);
        println!("at or above the floors");
        Ok(())
    }
}

fn mean(scores: &[&Scores]) -> Scores {
    let of = |pick: &dyn Fn(&Scores) -> Option<f64>| {
        let values: Vec<f64> = scores.iter().filter_map(|scores| pick(scores)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Scores {
        top1: of(&|s| Some(s.top1)).unwrap_or(0.0),
        top3: of(&|s| Some(s.top3)).unwrap_or(0.0),
        auroc: of(&|s| s.auroc),
        false_at_70: of(&|s| s.false_at_70),
        answered: of(&|s| Some(s.answered)).unwrap_or(0.0),
        false_at_half: of(&|s| s.false_at_half),
    }
}

fn print_row(name: &str, s: &Scores, note: &str) {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    println!(
        "{name:18} {:5.3} {:5.3} {:>6} {:>9} {:8.3} {:>9}  {note}",
        s.top1,
        s.top3,
        figure(s.auroc),
        figure(s.false_at_70),
        s.answered,
        figure(s.false_at_half)
    );
}

fn run(directory: &Path, set: &str, model: Option<&Arc<Model>>) -> anyhow::Result<(Vec<Outcome>, Vec<Duration>)> {
    let entries: Vec<Entry> = read_lines(&directory.join(format!("faq_{set}.kb.jsonl")))?;
    let questions: Vec<Question> = read_lines(&directory.join(format!("faq_{set}.questions.jsonl")))?;
    ensure!(!questions.is_empty(), "{set} has no questions");
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
    if let Some(model) = model {
        let mut meanings = Meanings::new(Arc::clone(model));
        for passage in 0..index.len() {
            for text in index.texts(passage) {
                meanings.push(passage, &model.passage(&text)?);
            }
        }
        index.understand(meanings);
    }
    let mut times = Vec::new();
    let mut outcomes = Vec::new();
    for question in questions {
        let hits = index.search(&question.q, 3);
        let started = Instant::now();
        let reply = from_knowledge(&index, &question.q);
        times.push(started.elapsed());
        let gold = question.gold.unwrap_or_default();
        outcomes.push(Outcome {
            answerable: !gold.is_empty(),
            first: hits.first().is_some_and(|hit| gold.contains(&hit.passage.id)),
            among_three: hits.iter().any(|hit| gold.contains(&hit.passage.id)),
            confidence: reply.confidence,
        });
    }
    Ok((outcomes, times))
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let parse = |line| serde_json::from_str(line).with_context(|| format!("parse a line of {}", path.display()));
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

fn judge(outcomes: &[Outcome]) -> Scores {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let confidences = |answerable: bool| -> Vec<f32> {
        outcomes.iter().filter(|o| o.answerable == answerable).map(|o| o.confidence).collect()
    };
    let (mut yes, no) = (confidences(true), confidences(false));
    yes.sort_by(|a, b| b.total_cmp(a));
    // The threshold that answers 70 % of the answerable ones, and what it lets through of the others.
    let threshold = yes.get(yes.len() * 7 / 10).copied().unwrap_or(0.0);
    let passing = |some: &[f32], threshold: f32| share(some.iter().filter(|c| **c >= threshold).count(), some.len());
    Scores {
        top1: share(outcomes.iter().filter(|o| o.first).count(), yes.len()),
        top3: share(outcomes.iter().filter(|o| o.among_three).count(), yes.len()),
        auroc: auroc(&yes, &no),
        false_at_70: (!no.is_empty()).then(|| passing(&no, threshold)),
        answered: passing(&yes, 0.5),
        false_at_half: (!no.is_empty()).then(|| passing(&no, 0.5)),
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
