//! The steps of the story as files, with everything that differs from run to run replaced.

use super::Step;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use uuid::Uuid;

const VIEWERS: [&str; 2] = ["visitor", "agent"];
/// Set to write the golden copies anew.
const UPDATE: &str = "UPDATE_FIXTURES";

/// Whether the story tells every event that there is, as the golden frames of the protocol list them.
pub fn every_kind_is_told(story: &[(&str, [Step; 2])]) {
    for (who, viewer) in VIEWERS.iter().enumerate() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/protocol/server-to-{viewer}.json"));
        let fixtures: Value = serde_json::from_str(&fs::read_to_string(path).expect("fixtures")).expect("JSON");
        let told = story.iter().flat_map(|(_, steps)| &steps[who].entries);
        let told: Value = told.map(|entry| serde_json::to_value(entry).expect("entry")).collect();
        // `started` precedes every snapshot of an agent, who can't open a conversation before it.
        let mut wanted = kinds(&fixtures);
        if *viewer == "agent" {
            wanted.remove("started");
        }
        assert_eq!(kinds(&told), wanted, "{viewer}");
    }
}

fn kinds(value: &Value) -> BTreeSet<String> {
    let inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Object(fields) => Box::new(fields.values()),
        Value::Array(values) => Box::new(values.iter()),
        _ => return BTreeSet::new(),
    };
    let own = value.get("kind").and_then(Value::as_str).map(str::to_owned);
    inner.flat_map(kinds).chain(own).collect()
}

/// Hold the story against the golden copies; what was seen is left in the target folder for a diff.
pub fn compare(story: &[(&str, [Step; 2])]) {
    for (who, viewer) in VIEWERS.iter().enumerate() {
        let mut names = HashMap::new();
        let mut steps = Vec::new();
        for (name, both) in story {
            let Step { before, entries, after } = &both[who];
            let mut step = json!({ "name": name, "before": before, "entries": entries, "after": after });
            settle_waiting(&mut step);
            steps.push(settle(step, &mut names));
        }
        let seen = serde_json::to_string_pretty(&steps).expect("JSON") + "\n";
        let file = format!("{viewer}.json");
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots").join(&file);
        let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snapshots");
        fs::create_dir_all(&left).expect("folder");
        fs::write(left.join(&file), &seen).expect("write");
        if std::env::var_os(UPDATE).is_some() {
            fs::create_dir_all(golden.parent().expect("folder")).expect("folder");
            fs::write(&golden, &seen).expect("write");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        let line = expected.lines().zip(seen.lines()).position(|(a, b)| a != b).unwrap_or_default() + 1;
        assert!(
            expected == seen,
            "{} drifted (first at line {line}, seen is in {}): if that is meant, run with {UPDATE}=1 and commit the result",
            golden.display(),
            left.display()
        );
    }
}

/// The n-th second after the epoch stands for the time of seq n.
fn time_of(seq: i64) -> i64 {
    seq * 1_000
}

/// `waiting_since` is the time of the request: find that while times are still the real ones.
fn settle_waiting(step: &mut Value) {
    let requests: Vec<(Value, i64)> = ["/before/entries", "/entries", "/after/entries"]
        .into_iter()
        .filter_map(|place| step.pointer(place)?.as_array().cloned())
        .flatten()
        .filter(|entry| entry["event"]["kind"] == "handoff_requested")
        .filter_map(|entry| Some((entry["at"].clone(), entry["seq"].as_i64()?)))
        .collect();
    for snapshot in ["before", "after"] {
        let since = &mut step[snapshot]["waiting_since"];
        // Two requests may share a millisecond; the wait is that of the later one that the snapshot has.
        if let Some((_, seq)) = requests.iter().rev().find(|(at, _)| at == since) {
            *since = json!(time_of(*seq));
        }
    }
}

/// Ids by the order in which they appear, times by seq. What the AI says is the knowledge's business.
fn settle(value: Value, names: &mut HashMap<Uuid, usize>) -> Value {
    match value {
        Value::String(text) => match Uuid::parse_str(&text) {
            Ok(id) => {
                let next = names.len() + 1;
                let number = *names.entry(id).or_insert(next);
                json!(format!("00000000-0000-4000-8000-{number:012}"))
            }
            // Made of the visitor's id.
            Err(_) if text.strip_prefix("Visitor ").is_some_and(|digits| digits.parse::<u16>().is_ok()) => {
                json!("Visitor 0000")
            }
            Err(_) => json!(text),
        },
        Value::Array(values) => values.into_iter().map(|value| settle(value, names)).collect(),
        Value::Object(fields) => {
            let seq = fields.get("seq").and_then(Value::as_i64);
            let of_ai = fields.get("kind").is_some_and(|kind| kind == "ai_message");
            let settled = fields.into_iter().map(|(name, value)| {
                let value = match (name.as_str(), seq) {
                    ("at", Some(seq)) => json!(time_of(seq)),
                    ("text", _) if of_ai => json!("an answer"),
                    ("sources", _) if of_ai => json!([]),
                    _ => settle(value, names),
                };
                (name, value)
            });
            Value::Object(settled.collect())
        }
        other => other,
    }
}
