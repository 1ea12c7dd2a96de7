//! The table: on standard output, and in a document with the machine and the method.

use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    scenario: &'static str,
    what: String,
    measured: String,
    target: String,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// A figure without a target.
    Told,
}

impl Verdict {
    pub(crate) fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

impl Report {
    pub(crate) fn told(&mut self, scenario: &'static str, what: impl Into<String>, measured: impl Into<String>) {
        self.push(scenario, what.into(), measured.into(), String::new(), Verdict::Told);
    }

    pub(crate) fn judged(
        &mut self,
        scenario: &'static str,
        what: impl Into<String>,
        measured: impl Into<String>,
        target: impl Into<String>,
        met: bool,
    ) {
        self.push(scenario, what.into(), measured.into(), target.into(), Verdict::of(met));
    }

    fn push(&mut self, scenario: &'static str, what: String, measured: String, target: String, verdict: Verdict) {
        self.rows.push(Row { scenario, what, measured, target, verdict });
    }

    pub(crate) fn missed(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict == Verdict::Missed).count()
    }

    /// The rows as a Markdown table with aligned columns, so that it reads the same in a terminal.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![["Scenario", "Figure", "Measured", "Target", ""].map(String::from)];
        lines.extend(self.rows.iter().map(|row| {
            let verdict = match row.verdict {
                Verdict::Met => "met",
                Verdict::Missed => "missed",
                Verdict::Told => "",
            };
            [row.scenario.into(), row.what.clone(), row.measured.clone(), row.target.clone(), verdict.into()]
        }));
        let widths: [usize; 5] = std::array::from_fn(|column| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0).max(3)
        });
        let mut table = String::new();
        for (number, line) in lines.iter().enumerate() {
            for (cell, width) in line.iter().zip(widths) {
                // Writing to a String can't fail.
                let _ = write!(table, "| {cell:<width$} ");
            }
            table.push_str("|\n");
            if number == 0 {
                for width in widths {
                    let _ = write!(table, "| {} ", "-".repeat(width));
                }
                table.push_str("|\n");
            }
        }
        table
    }

    /// Replaces everything between the two marks in `path`, so that prose around the figures stays.
    pub(crate) fn keep(&self, path: &Path, machine: &str, method: &str) -> Result<()> {
        const START: &str = "<!-- bench: from here on written by the benchmark -->";
        const END: &str = "<!-- bench: end -->";
        let figures = format!("{START}\n\n**Machine:** {machine}\n\n{method}\n\n{}\n{END}", self.table());
        let text = match std::fs::read_to_string(path) {
            Ok(old) => {
                let (before, rest) =
                    old.split_once(START).with_context(|| format!("no {START} in {}", path.display()))?;
                let after = rest.split_once(END).with_context(|| format!("no {END} in {}", path.display()))?.1;
                format!("{before}{figures}{after}")
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => format!("# Measured\n\n{figures}\n"),
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        };
        std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
    }
}

/// The middle of `values`; 0 of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.as_slice() {
        [] => 0.0,
        all if all.len() % 2 == 1 => all[all.len() / 2],
        all => f64::midpoint(all[all.len() / 2 - 1], all[all.len() / 2]),
    }
}

pub(crate) fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
