//! `baton export` and `baton replay`, the real commands on the real databases: what was said to visitors is found again, and other
//! settings tell other stories.

use crate::harness::http::Http;
use crate::harness::postgres::PostgresServer;
use crate::harness::reaction::reaction;
use crate::harness::stage::{KNOWN, UNKNOWN, answer, stage_with};
use crate::harness::visitor::Visitor;
use crate::harness::{CHATBOT, TestHub, model};
use baton::config::Secret;
use baton::protocol::shared::LogEvent;
use baton::protocol::visitor::VisitorFrame;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const WISH: &str = "Can I talk to a real person?";
const MOAN: &str = "This is useless, you are not helping";

/// Run the command beside the hub, on its database.
fn baton(hub: &TestHub, arguments: &[&str], input: &str) -> Output {
    let data = &hub.config().data;
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args(arguments).env("BATON__DATA__DIR", &data.dir).env("BATON__LOG__FILTER", "warn");
    // Whatever this machine has, answers are those of the hub, which searches by words.
    command.env("BATON__AI__SEARCH_MODEL", "off");
    if let Some(url) = data.postgres() {
        command.env("BATON__DATA__URL", url.reveal());
    }
    let piped = || Stdio::piped();
    let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    // One that refuses its arguments does not read.
    let _refused = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(output: Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn say(visitor: &mut Visitor, text: &str) {
    reaction(visitor, text).await;
    // An offer may follow an answer.
    visitor.settle().await;
}

/// One visitor says no and goes on, one says yes, one presses the button at once. Their conversations in this order.
async fn talks(hub: &TestHub) -> [String; 3] {
    let mut careful = hub.visitor().await;
    for text in [KNOWN, WISH, "no thanks", UNKNOWN, MOAN, KNOWN] {
        say(&mut careful, text).await;
    }
    let mut willing = hub.visitor().await;
    for text in [UNKNOWN, "yes please"] {
        say(&mut willing, text).await;
    }
    let mut hurried = hub.visitor().await;
    hurried.send(VisitorFrame::RequestHandoff).await;
    hurried.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    [careful, willing, hurried].map(|visitor| visitor.conversation.to_string())
}

/// What would be and what was done at each moment of a conversation: `offered:words`, or nothing.
fn story(replayed: &[Value], conversation: &str) -> Vec<(String, String, String)> {
    let called = |step: &Value| match step {
        Value::Null => String::new(),
        step => format!("{}:{}", step["step"].as_str().unwrap(), step["reason"].as_str().unwrap()),
    };
    let own = replayed.iter().filter(|line| line["conversation"] == conversation);
    own.map(|line| {
        let why = line["why"].as_str().unwrap_or_default().to_owned();
        (called(&line["would"]), why, called(&line["did"]))
    })
    .collect()
}

fn rows(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(would, why, did)| ((*would).to_owned(), (*why).to_owned(), (*did).to_owned())).collect()
}

async fn change(owner: &mut Http, what: impl FnOnce(&mut Value)) {
    owner.change_settings(CHATBOT, |settings| what(&mut settings["handoff"])).await;
}

#[tokio::test]
async fn a_replay_tells_what_was_and_what_other_settings_would_make_of_it() {
    let postgres = Secret::new(PostgresServer::shared().database());
    for url in [Secret::default(), postgres] {
        let hub = TestHub::builder().config(|config| config.data.url = url).start().await;
        let mut owner = hub.owner().await;
        let [careful, willing, hurried] = talks(&hub).await;
        let export = done(baton(&hub, &["export"], ""));
        let count = |id: &str| lines(&export).iter().filter(|line| line["conversation"] == id).count();
        assert!(count(&careful) > 10 && count(&willing) > 5 && count(&hurried) > 1, "{export}");

        // As things were, a replay is what happened.
        let replayed = lines(&done(baton(&hub, &["replay"], &export)));
        for (conversation, expected) in [
            (
                &careful,
                rows(&[
                    ("", "", ""),
                    ("offered:words", "wants_human", "offered:words"),
                    ("", "", ""),
                    ("", "", ""),
                    ("", "", ""),
                    ("", "", ""),
                ]),
            ),
            (
                &willing,
                rows(&[
                    ("offered:cannot_answer", "unsure", "offered:cannot_answer"),
                    ("requested:cannot_answer", "agreed", "requested:cannot_answer"),
                ]),
            ),
            (&hurried, rows(&[("requested:button", "pressed", "requested:button")])),
        ] {
            assert_eq!(story(&replayed, conversation), expected);
        }
        let first = replayed.iter().find(|line| line["conversation"] == careful.as_str()).unwrap();
        assert_eq!(
            (&first["act"], &first["text"], &first["answered"]),
            (&json!("message"), &json!(KNOWN), &json!("sure"))
        );
        assert_eq!(first["status"], "unrequested");

        // Each setting that the owner changes now takes effect on what was said then.
        change(&mut owner, |handoff| {
            handoff["on_words"] = json!("off");
            handoff["on_keywords"] = json!("at_once");
            handoff["keywords"] = json!(["useless"]);
            handoff["on_cannot_answer"] = json!("off");
        })
        .await;
        let one = done(baton(&hub, &["export", "--conversation", &careful], ""));
        assert_eq!(lines(&one).len(), count(&careful));
        let replayed = lines(&done(baton(&hub, &["replay", "-"], &one)));
        assert_eq!(
            story(&replayed, &careful),
            rows(&[
                ("", "", ""),
                ("", "", "offered:words"),
                // The AI is asked the wish, and then the "no" to nothing, and knows neither.
                ("offered:frustration", "unsure_again", ""),
                ("", "", ""),
                ("requested:keyword", "keyword", ""),
                ("", "", ""),
            ])
        );
        change(&mut owner, |handoff| {
            handoff["turn_limit"] = json!(1);
            handoff["on_cannot_answer"] = json!("ask_first");
            handoff["on_keywords"] = json!("off");
            handoff["quiet_messages"] = json!(0);
        })
        .await;
        let replayed = lines(&done(baton(&hub, &["replay"], &one)));
        let whys: Vec<_> = story(&replayed, &careful).into_iter().map(|(_, why, _)| why).collect();
        // The second message is the first beyond the limit; its "no" is one; then each message would be offered a human again.
        assert_eq!(whys, ["", "turn_limit", "", "turn_limit", "frustrated", "turn_limit"]);

        change(&mut owner, |handoff| handoff["enabled"] = json!(false)).await;
        let replayed = lines(&done(baton(&hub, &["replay"], &export)));
        assert!(replayed.iter().all(|line| line["would"].is_null()), "a disabled handoff is never offered");

        // People get a table, and letters of a terminal's own are none in it.
        let table = done(baton(&hub, &["replay", "--table"], &export));
        assert!(table.contains(WISH) && table.contains("offered (words)"), "{table}");
        assert!(table.ends_with(
            "3 conversations, 8 messages: a human would be called 0 times and was called 4 times; 4 differ\n"
        ));
    }
}

/// With a model the AI's own answers count, for it can't be asked again for nothing; the knowledge base can be asked instead.
#[tokio::test]
async fn with_a_model_its_answers_are_those_of_the_export() {
    let stage = stage_with(model::says("NO_ANSWER"), |_| {}).await;
    let mut visitor = stage.hub.visitor().await;
    assert!(!answer(&mut visitor, KNOWN).await.1, "the model does not know");
    visitor.settle().await;
    let export = done(baton(&stage.hub, &["export", "--chatbot", CHATBOT], ""));
    let asked = stage.model.requests().len();
    for (arguments, answered, why) in [
        (&["replay"][..], "unsure", json!("unsure")),
        (&["replay", "--answers", "export"], "unsure", json!("unsure")),
        (&["replay", "--answers", "knowledge"], "sure", Value::Null),
    ] {
        let replayed = lines(&done(baton(&stage.hub, arguments, &export)));
        assert_eq!((&replayed[0]["answered"], &replayed[0]["why"]), (&json!(answered), &why), "{arguments:?}");
    }
    assert_eq!(stage.model.requests().len(), asked, "nothing is spent");
}

#[tokio::test]
async fn what_can_not_be_read_is_told_with_its_line() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    say(&mut visitor, KNOWN).await;
    let export = done(baton(&hub, &["export"], ""));
    let broken = format!("{}\nhello\n", export.lines().next().unwrap());
    for (arguments, input, said) in [
        (&["replay"][..], broken.as_str(), "baton: replay -: line 2: this is no event of a conversation: "),
        (&["replay"], "", "baton: replay -: there is no event in it"),
        (&["replay", "/nowhere/a.jsonl"], "", "baton: replay /nowhere/a.jsonl: No such file"),
        (
            &["replay", "--chatbot", "nobody"],
            export.as_str(),
            "baton: replay -: there is no chatbot nobody; there are: demo",
        ),
        (&["export", "--chatbot", "nobody"], "", "baton: there is no chatbot nobody; there are: demo"),
        (&["export", "--conversation", "x"], "", "baton: x is no id of a conversation"),
        (
            &["export", "--conversation", "00000000-0000-0000-0000-000000000001"],
            "",
            "baton: there is no conversation 00000000-",
        ),
    ] {
        let told = refused(baton(&hub, arguments, input));
        assert!(told.starts_with(said), "{arguments:?}: {told}");
    }
    // From another installation: its chatbot is not here, one of ours stands in.
    let foreign = export.replace("\"chatbot\":\"demo\"", "\"chatbot\":\"elsewhere\"");
    assert!(refused(baton(&hub, &["replay"], &foreign)).contains("there is no chatbot elsewhere"));
    assert_eq!(lines(&done(baton(&hub, &["replay", "--chatbot", CHATBOT], &foreign)))[0]["chatbot"], "demo");
}
