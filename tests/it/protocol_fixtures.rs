//! The wire as files: golden frames that Rust and TypeScript both read (`web-shared/test/fixtures.test.ts`), the examples of
//! `docs/protocol.md`, and what is not a frame.

use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use proptest::prelude::*;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Frames by the name of their case.
fn fixtures(name: &str) -> Map<String, Value> {
    let path = repository().join(format!("tests/fixtures/protocol/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap())
        .unwrap_or_else(|error| panic!("{name}.json: {error}"))
}

/// The tags that an enum has, from its schema.
fn tags<T: JsonSchema>(tag: &str, definition: Option<&str>) -> BTreeSet<String> {
    let schema = schema_for!(T).to_value();
    let schema = definition.map_or(&schema, |name| &schema["$defs"][name]);
    let variants = schema["oneOf"].as_array().unwrap();
    variants.iter().map(|variant| variant["properties"][tag]["const"].as_str().unwrap().to_owned()).collect()
}

/// Every value of `key` anywhere in `value`.
fn collect(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get(key) {
                found.insert(text.clone());
            }
            fields.values().for_each(|field| collect(field, key, found));
        }
        _ => {}
    }
}

fn check_round_trip<T>(name: &str)
where
    T: DeserializeOwned + Serialize + JsonSchema + PartialEq + Debug,
{
    let mut types = BTreeSet::new();
    for (case, frame) in fixtures(name) {
        let parsed: T = serde_json::from_value(frame.clone()).unwrap_or_else(|error| panic!("{name}, {case}: {error}"));
        assert_eq!(serde_json::to_value(&parsed).unwrap(), frame, "{name}, {case}");
        let text = serde_json::to_string(&parsed).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), parsed, "{name}, {case}: {text}");
        types.insert(frame["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types, tags::<T>("type", None), "{name}.json holds every frame type at least once");
}

#[test]
fn golden_frames_survive_the_round_trip_and_cover_every_type() {
    check_round_trip::<VisitorFrame>("visitor-to-server");
    check_round_trip::<ToVisitor>("server-to-visitor");
    check_round_trip::<AgentFrame>("agent-to-server");
    check_round_trip::<ToAgent>("server-to-agent");
}

#[test]
fn golden_frames_hold_every_kind_that_the_role_may_see() {
    let kinds = tags::<ToAgent>("kind", Some("LogEvent"));
    for (name, unseen) in [
        ("server-to-visitor", &["note", "visitor_seen", "hint", "handoff_summarised"][..]),
        ("server-to-agent", &["hidden"][..]),
    ] {
        let mut found = BTreeSet::new();
        collect(&Value::Object(fixtures(name)), "kind", &mut found);
        let expected = kinds.iter().filter(|kind| !unseen.contains(&kind.as_str())).cloned().collect();
        assert_eq!(found, expected, "{name}.json");
    }
}

#[test]
fn an_absent_option_is_null() {
    let page = json!({"url": "", "title": "", "referrer": "", "language": ""});
    let absent = json!({"type": "hello", "protocol": "baton.v1", "chatbot": "shop", "page": page.clone()});
    let null = json!({"type": "hello", "protocol": "baton.v1", "chatbot": "shop", "token": null, "cursor": null, "page": page});
    let parse = |frame| serde_json::from_value::<VisitorFrame>(frame).unwrap();
    assert_eq!(parse(absent), parse(null));
    let parse = |text| serde_json::from_str::<AgentFrame>(text).unwrap();
    assert_eq!(parse(r#"{"type":"watch"}"#), parse(r#"{"type":"watch","chatbot":null}"#));
}

/// Everything a hostile or outdated client may send, by the name of the case. None is a frame of either role; `@` stands for the
/// fields that only agents send, so that each case is wrong in one way.
fn malformed() -> Vec<(&'static str, String)> {
    let key = "0198c2f5-1b20-7d4f-9a66-4a7b2e3f5d81";
    let send = |key: &str, text: &str| format!(r#"{{"type":"send",@"key":{key},"text":{text}}}"#);
    vec![
        ("nothing", String::new()),
        ("not JSON", "hello".into()),
        ("half a frame", r#"{"type":"ping""#.into()),
        ("two frames in one", r#"{"type":"ping","id":1}{"type":"ping","id":2}"#.into()),
        ("an array", r#"[{"type":"ping","id":1}]"#.into()),
        ("a string", r#""ping""#.into()),
        ("a number", "1e400".into()),
        ("null", "null".into()),
        ("no type", r#"{"id":1}"#.into()),
        ("unknown type", r#"{"type":"become_admin"}"#.into()),
        ("type in another case", r#"{"type":"Ping","id":1}"#.into()),
        ("type of another JSON type", r#"{"type":{"ping":1},"id":1}"#.into()),
        ("a frame of the server", r#"{"type":"pong","id":1}"#.into()),
        ("unknown field", r#"{"type":"ping","id":1,"role":"admin"}"#.into()),
        ("missing field", r#"{"type":"ping"}"#.into()),
        ("null for a field that has no null", r#"{"type":"ping","id":null}"#.into()),
        ("the same field twice", r#"{"type":"ping","id":1,"id":2}"#.into()),
        ("text for a number", r#"{"type":"ping","id":"1"}"#.into()),
        ("a number beyond 32 bits", r#"{"type":"ping","id":4294967296}"#.into()),
        ("a negative number", r#"{"type":"ping","id":-1}"#.into()),
        ("a fraction", r#"{"type":"ping","id":1.5}"#.into()),
        ("a number beyond a double", r#"{"type":"ping","id":1e400}"#.into()),
        ("a number of 10,000 digits", format!(r#"{{"type":"ping","id":{}}}"#, "9".repeat(10_000))),
        ("NaN", r#"{"type":"ping","id":NaN}"#.into()),
        ("a seq beyond 64 bits", r#"{"type":"read",@"seq":18446744073709551616}"#.into()),
        ("a key that is not a UUID", send("\"1\"", "\"hi\"")),
        ("text that is not a string", send(&format!("\"{key}\""), "[\"hi\"]")),
        ("half of a surrogate pair", send(&format!("\"{key}\""), r#""\ud83d""#)),
        ("a raw control character", "{\"type\":\"ping\",\"id\":\u{1}1}".into()),
        ("nested beyond the limit", format!(r#"{{"type":"ping","id":{}{}}}"#, "[".repeat(200), "]".repeat(200))),
        ("100,000 open brackets", "[".repeat(100_000)),
        ("100,000 open objects", r#"{"a":"#.repeat(100_000)),
    ]
}

#[test]
fn what_is_not_a_frame_is_an_error() {
    let conversation = r#""conversation":"6a1f0c52-8d3e-5b7a-9c41-2e5d7f8a9b10","#;
    for (case, text) in malformed() {
        let [visitor, agent] = ["", conversation].map(|fields| text.replace('@', fields));
        assert!(serde_json::from_str::<VisitorFrame>(&visitor).is_err(), "{case} was a visitor's frame");
        assert!(serde_json::from_str::<AgentFrame>(&agent).is_err(), "{case} was an agent's frame");
    }
    // The template itself is a frame: what the cases change is what makes them wrong.
    for fields in ["", conversation] {
        let text = format!(r#"{{"type":"read",{fields}"seq":1}}"#);
        let parsed =
            serde_json::from_str::<VisitorFrame>(&text).is_ok() || serde_json::from_str::<AgentFrame>(&text).is_ok();
        assert!(parsed, "{text}");
    }
}

/// serde reads no fields of a variant without fields, so these are the frames where an extra field is ignored, not refused.
#[test]
fn an_unknown_field_is_refused_wherever_a_frame_has_fields() {
    fn check<T: DeserializeOwned>(name: &str) {
        for (case, mut frame) in fixtures(name) {
            let has_fields = frame.as_object().unwrap().len() > 1;
            frame["author"] = json!("agent");
            assert_eq!(serde_json::from_value::<T>(frame).is_err(), has_fields, "{name}, {case}");
        }
    }
    check::<VisitorFrame>("visitor-to-server");
    check::<AgentFrame>("agent-to-server");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["hello", "send", "ping", "baton.v1", "0198c2f5-1b20-7d4f-9a66-4a7b2e3f5d81"])
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let field = || {
        prop_oneof![
            prop::sample::select(vec!["type", "id", "key", "text", "page", "cursor", "conversation"])
                .prop_map(String::from),
            any::<String>(),
        ]
    };
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((field(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A real frame with one field replaced by anything: nearer to the parser's depths than random bytes.
fn a_damaged_frame() -> impl Strategy<Value = Value> {
    let frames: Vec<Value> =
        ["visitor-to-server", "agent-to-server"].into_iter().flat_map(fixtures).map(|(_, frame)| frame).collect();
    (prop::sample::select(frames), any::<prop::sample::Index>(), any_json()).prop_map(|(mut frame, index, value)| {
        let names: Vec<String> = frame.as_object().unwrap().keys().cloned().collect();
        frame[index.get(&names).as_str()] = value;
        frame
    })
}

/// Parsing answers with a frame or an error; what is a frame survives its round trip.
fn parse_both(text: &str) -> Result<(), TestCaseError> {
    if let Ok(frame) = serde_json::from_str::<VisitorFrame>(text) {
        prop_assert_eq!(serde_json::from_str::<VisitorFrame>(&serde_json::to_string(&frame).unwrap()).unwrap(), frame);
    }
    if let Ok(frame) = serde_json::from_str::<AgentFrame>(text) {
        prop_assert_eq!(serde_json::from_str::<AgentFrame>(&serde_json::to_string(&frame).unwrap()).unwrap(), frame);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = serde_json::from_slice::<VisitorFrame>(&bytes);
        let _ = serde_json::from_slice::<AgentFrame>(&bytes);
        parse_both(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_json_is_parsed_without_a_panic(value in any_json()) {
        parse_both(&value.to_string())?;
    }

    #[test]
    fn any_damaged_frame_is_parsed_without_a_panic(frame in a_damaged_frame()) {
        parse_both(&frame.to_string())?;
    }
}

/// The document can't show a frame that the server would not send or read.
#[test]
fn every_example_of_the_document_is_a_golden_frame() {
    let document = std::fs::read_to_string(repository().join("docs/protocol.md")).unwrap();
    let golden: Vec<Value> = ["visitor-to-server", "server-to-visitor", "agent-to-server", "server-to-agent"]
        .into_iter()
        .flat_map(fixtures)
        .map(|(_, frame)| frame)
        .collect();
    let examples: Vec<&str> = document.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 8, "the document lost its examples");
    for example in examples {
        for line in serde_json::Deserializer::from_str(example).into_iter::<Value>() {
            let frame = line.unwrap_or_else(|error| panic!("{error} in the example {example}"));
            assert!(golden.contains(&frame), "no golden frame in tests/fixtures/protocol equals {frame}");
        }
    }
}
