//! What a row of the matrix found, and the table of all rows.

use crate::histories::checker::{Fault as Wrong, Violation};
use crate::histories::history::{Happened, History};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

pub struct Row {
    pub installation: &'static str,
    pub fault: &'static str,
    sent: usize,
    acked: usize,
    lost: usize,
    doubled: usize,
    reordered: usize,
    undelivered: usize,
    other: usize,
    connections: usize,
    longest_gap: Duration,
}

impl Row {
    pub fn new(installation: &'static str, fault: &'static str, histories: &[History], wrong: &[Violation]) -> Self {
        let happened = || histories.iter().flat_map(|history| &history.happened);
        let acked: HashSet<_> = happened()
            .filter_map(|happened| match happened {
                Happened::Acked { key, .. } => Some(*key),
                _ => None,
            })
            .collect();
        let count = |faults: &[Wrong]| wrong.iter().filter(|violation| faults.contains(&violation.fault)).count();
        let lost = count(&[Wrong::LostAckedWrite]);
        let doubled = count(&[Wrong::DuplicateInLog]);
        let reordered = count(&[Wrong::SenderOrderBroken, Wrong::LogNotOrdered, Wrong::SeqGap]);
        let undelivered = count(&[Wrong::UndeliveredToOnlineParticipant, Wrong::NeverAcked]);
        Self {
            installation,
            fault,
            sent: happened().filter(|happened| matches!(happened, Happened::Sent { .. })).count(),
            acked: acked.len(),
            lost,
            doubled,
            reordered,
            undelivered,
            other: wrong.len() - lost - doubled - reordered - undelivered,
            connections: happened().filter(|happened| matches!(happened, Happened::Connected)).count(),
            longest_gap: histories.iter().map(|history| history.longest_gap).max().unwrap_or_default(),
        }
    }
}

pub fn table(rows: &[Row]) -> String {
    let heads = [
        "installation",
        "fault",
        "sent",
        "acknowledged",
        "lost",
        "doubled",
        "reordered",
        "undelivered",
        "other",
        "connections",
        "longest gap",
    ];
    let mut text = format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len()));
    for row in rows {
        let Row { installation, fault, sent, acked, lost, doubled, reordered, undelivered, other, connections, .. } =
            row;
        writeln!(
            text,
            "| {installation} | {fault} | {sent} | {acked} | {lost} | {doubled} | {reordered} | {undelivered} | {other} | \
             {connections} | \
             {:.1} s |",
            row.longest_gap.as_secs_f64()
        )
        .expect("text");
    }
    text
}

/// Replace the table in a document, between its two marks.
pub fn keep(path: &str, rows: &[Row]) {
    const START: &str = "<!-- faults: from here on written by `make faults` -->";
    const END: &str = "<!-- faults: end -->";
    let old = std::fs::read_to_string(path).expect("the document with the table");
    let (before, rest) = old.split_once(START).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    std::fs::write(path, format!("{before}{START}\n\n{}\n{END}{after}", table(rows))).expect("write the table");
}
