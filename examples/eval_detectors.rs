//! Measures the detectors on labelled messages: `cargo run --example eval_detectors -- <directory> [--misses]`.
//!
//! The directory holds `handoff.jsonl` (`{lang, text, label, hard}`, label `handoff`, `other` or something not scored) and
//! `frustration.jsonl` (`{lang, text, label, kind}`, label `frustrated` or `calm`).
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use anyhow::Context;
use baton::ai::detect::{verdict, warm_up};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(serde::Deserialize)]
struct Row {
    lang: String,
    text: String,
    label: String,
    #[serde(default)]
    hard: Option<bool>,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Default)]
struct Counts {
    hit: usize,
    missed: usize,
    false_alarm: usize,
    quiet: usize,
}

impl Counts {
    fn add(&mut self, wanted: bool, found: bool) {
        match (wanted, found) {
            (true, true) => self.hit += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.false_alarm += 1,
            (false, false) => self.quiet += 1,
        }
    }

    fn print(&self, name: &str) {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let (precision, recall) =
            (share(self.hit, self.hit + self.false_alarm), share(self.hit, self.hit + self.missed));
        let f1 = share(2 * self.hit, 2 * self.hit + self.false_alarm + self.missed);
        let alarms = share(self.false_alarm, self.false_alarm + self.quiet);
        println!(
            "{name:28} F1 {f1:.3}  precision {precision:.3}  recall {recall:.3}  false alarms {:.2} % ({} of {})",
            alarms * 100.0,
            self.false_alarm,
            self.false_alarm + self.quiet
        );
    }
}

fn main() -> anyhow::Result<()> {
    let directory = std::env::args().nth(1).context("usage: eval_detectors <directory> [--misses]")?;
    let show = std::env::args().any(|argument| argument == "--misses");
    let started = Instant::now();
    warm_up();
    println!("tables built in {:?}", started.elapsed());

    let mut slowest = Duration::ZERO;
    let mut total = Duration::ZERO;
    let mut verdicts = 0_u32;
    let mut timed = |text: &str| {
        let started = Instant::now();
        let verdict = verdict(text);
        let took = started.elapsed();
        slowest = slowest.max(took);
        total += took;
        verdicts += 1;
        verdict
    };

    let mut by_language: BTreeMap<String, Counts> = BTreeMap::new();
    let mut calibration = Calibration::new();
    for row in read(Path::new(&directory).join("handoff.jsonl").as_path())? {
        let verdict = timed(&row.text);
        let found = verdict.wants_human();
        let wanted = row.label == "handoff";
        if wanted || row.label == "other" {
            by_language.entry(row.lang.clone()).or_default().add(wanted, found);
            count(&mut calibration, verdict.request_human, wanted);
            if row.lang == "en" && row.hard == Some(true) {
                by_language.entry("en, with trigger word".into()).or_default().add(wanted, found);
            }
            if show && wanted != found {
                println!("{} {}: {}", if wanted { "MISSED" } else { "FALSE " }, row.lang, row.text);
            }
        }
    }
    println!("-- asks for a human");
    by_language.iter().for_each(|(language, counts)| counts.print(language));
    print_calibration(&calibration);

    let mut by_kind: BTreeMap<String, Counts> = BTreeMap::new();
    let mut calibration = Calibration::new();
    for row in read(Path::new(&directory).join("frustration.jsonl").as_path())? {
        let verdict = timed(&row.text);
        let found = verdict.frustrated();
        let wanted = row.label == "frustrated";
        let kind = row.kind.unwrap_or_default();
        if show && kind == "chat" && wanted != found {
            println!("{} {}: {}", if wanted { "CALM?" } else { "ANGRY?" }, row.lang, row.text);
        }
        if kind == "chat" {
            count(&mut calibration, verdict.frustration, wanted);
        }
        by_kind.entry(format!("{kind}, {}", row.lang)).or_default().add(wanted, found);
        by_kind.entry(kind).or_default().add(wanted, found);
    }
    println!("-- frustrated");
    by_kind.iter().for_each(|(kind, counts)| counts.print(kind));
    print_calibration(&calibration);
    println!("-- {verdicts} verdicts, mean {:?}, slowest {slowest:?}", total / verdicts.max(1));
    Ok(())
}

/// Per thousand of the probability told: how many messages, and how many of them meant it.
type Calibration = BTreeMap<u32, (u32, u32)>;

fn count(calibration: &mut Calibration, probability: f32, wanted: bool) {
    let counts = calibration.entry((probability * 1_000.0).round() as u32).or_default();
    counts.0 += 1;
    counts.1 += u32::from(wanted);
}

fn print_calibration(calibration: &Calibration) {
    for (told, (all, meant)) in calibration {
        let share = f64::from(*meant) / f64::from(*all);
        println!("   told {:.3}: meant in {share:.4} of {all}", f64::from(*told) / 1_000.0);
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let parse = |line| serde_json::from_str(line).with_context(|| format!("parse a line of {}", path.display()));
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}
