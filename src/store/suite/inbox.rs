//! Lists of conversations.

use super::*;
use crate::domain::conversation::{HandoffReason, Party};

/// The append that puts a conversation into a status, with an event that fits.
fn turn_to(script: &mut Script, at: i64, status: Status, assignee: Option<&AgentRef>) -> Append {
    let event = match status {
        Status::Unassigned => {
            Event::HandoffRequested { reason: HandoffReason::Button, text: String::new(), brief: Default::default() }
        }
        Status::Open => Event::AgentJoined { agent: assignee.unwrap().clone() },
        Status::Ended => Event::Ended { by: Party::Agent, text: String::new() },
        Status::Unrequested => Event::HandoffCancelled,
    };
    script.projection.status = status;
    script.projection.assignee = assignee.cloned();
    script.projection.waiting_since = (status == Status::Unassigned).then_some(UnixMillis(at));
    script.projection.escalated |= status == Status::Unassigned;
    Append { projection: Some(script.projection.clone()), ..script.next(at, vec![event]) }
}

async fn started(store: &dyn Store, workspace: WorkspaceId, chatbot: &str, at: i64) -> Script {
    let mut script = Script::new(workspace, chatbot);
    append(store, script.start(at, "hello")).await.unwrap();
    script
}

async fn turned(store: &dyn Store, script: &mut Script, at: i64, status: Status, assignee: Option<&AgentRef>) {
    append(store, turn_to(script, at, status, assignee)).await.unwrap();
}

/// All pages of `limit`, as ids; checks that pages are full but the last.
async fn pages(store: &dyn Store, workspace: WorkspaceId, query: InboxQuery) -> Vec<ConversationId> {
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.inbox(workspace, InboxQuery { cursor, ..query.clone() }).await.unwrap();
        ids.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            None => return ids,
            Some(_) if page.rows.len() != query.limit => panic!("a page of {} with a next one", page.rows.len()),
            next => cursor = next,
        }
    }
}

pub(in crate::store) async fn waiting_is_longest_first(store: Arc<dyn Store>) {
    let workspace = WorkspaceId::generate();
    let mut scripts = Vec::new();
    for at in [300, 100, 200] {
        let mut script = started(&*store, workspace, "help", 10).await;
        turned(&*store, &mut script, at, Status::Unassigned, None).await;
        scripts.push(script);
    }
    started(&*store, workspace, "help", 10).await;
    let waiting: Vec<_> =
        store.waiting().await.unwrap().into_iter().map(|row| (row.conversation, row.since.0)).collect();
    assert_eq!(waiting, [(scripts[1].id, 100), (scripts[2].id, 200), (scripts[0].id, 300)]);
    let row = store.waiting().await.unwrap().remove(0);
    assert_eq!((row.workspace, row.chatbot.as_str()), (workspace, "help"));
    turned(&*store, &mut scripts[1], 400, Status::Open, Some(&agent("Ann"))).await;
    assert_eq!(store.waiting().await.unwrap().len(), 2);
}

pub(in crate::store) async fn record_follows_the_projection(store: Arc<dyn Store>) {
    let mut script = started(&*store, WorkspaceId::generate(), "help", 10).await;
    let check = async |script: &Script, at: i64| {
        let record = store.conversation(script.id).await.unwrap().unwrap();
        let Projection { workspace, chatbot, visitor, status, assignee, waiting_since, escalated, started_at, country } =
            script.projection.clone();
        let expected = ConversationRecord {
            id: script.id,
            workspace,
            chatbot,
            visitor,
            status,
            assignee,
            waiting_since,
            escalated,
            started_at,
            country,
            last_seq: Seq(script.seq),
            last_at: UnixMillis(at),
            newest_message: record.newest_message.clone(),
            unread: record.unread,
        };
        assert_eq!(record, expected);
    };
    check(&script, 10).await;
    turned(&*store, &mut script, 20, Status::Unassigned, None).await;
    check(&script, 20).await;
    turned(&*store, &mut script, 30, Status::Open, Some(&agent("Ann"))).await;
    check(&script, 30).await;
    append(&*store, script.next(40, vec![said("thanks")])).await.unwrap();
    check(&script, 40).await;
    turned(&*store, &mut script, 50, Status::Ended, None).await;
    check(&script, 50).await;
}

pub(in crate::store) async fn newest_message_and_unread(store: Arc<dyn Store>) {
    let mut script = started(&*store, WorkspaceId::generate(), "help", 10).await;
    let ann = agent("Ann");
    let check = async |script: &mut Script, events: Vec<Event>, newest: Option<u64>, unread: u32, what: &str| {
        append(&*store, script.next(20, events)).await.unwrap();
        let record = store.conversation(script.id).await.unwrap().unwrap();
        assert_eq!(record.newest_message.map(|recorded| recorded.seq.get()), newest, "newest: {what}");
        assert_eq!(record.unread, unread, "unread: {what}");
    };
    let read = |seq| Event::ReadUpTo { by: Party::Agent, seq: Seq(seq) };
    let wrote = |agent: &AgentRef| Event::AgentWrote {
        key: ClientMessageId::generate(),
        agent: agent.clone(),
        text: "Hi".into(),
    };
    let note = Event::NoteWritten { key: ClientMessageId::generate(), agent: ann.clone(), text: "secret".into() };

    check(&mut script, vec![said("two")], Some(3), 2, "two messages of the visitor").await;
    check(&mut script, vec![read(2)], Some(3), 1, "one of them is read").await;
    check(&mut script, vec![note], Some(3), 1, "a note is no message to a reader").await;
    let visitor_read = Event::ReadUpTo { by: Party::Visitor, seq: Seq(5) };
    check(&mut script, vec![visitor_read], Some(3), 1, "the visitor's own reading does not count").await;
    check(&mut script, vec![wrote(&ann)], Some(7), 0, "the agent answered").await;
    check(&mut script, vec![said("thanks")], Some(8), 1, "the visitor again").await;
    let answer = Event::AiAnswered { turn: Seq(8), text: "Glad".into(), sources: Vec::new(), confident: true };
    check(&mut script, vec![answer], Some(9), 1, "the AI does not read for the team").await;
    check(&mut script, vec![Event::HandoffCancelled; 99], Some(9), 0, "messages are looked for in the last hundred")
        .await;
    check(&mut script, vec![Event::HandoffCancelled], None, 0, "and no further").await;
    check(&mut script, vec![said("x"); 150], Some(259), 100, "unread ones are counted so far").await;
}

pub(in crate::store) async fn inbox_order_and_pages(store: Arc<dyn Store>) {
    let workspace = WorkspaceId::generate();
    let mut scripts = Vec::new();
    for at in 0..7 {
        scripts.push(started(&*store, workspace, "help", at).await);
    }
    turned(&*store, &mut scripts[2], 200, Status::Unassigned, None).await;
    turned(&*store, &mut scripts[4], 100, Status::Unassigned, None).await;
    turned(&*store, &mut scripts[6], 100, Status::Unassigned, None).await;
    append(&*store, scripts[0].next(300, vec![said("latest")])).await.unwrap();
    // Longest wait first, the two of the same instant in a fixed order; then latest activity.
    let expected: Vec<_> = [4, 6, 2, 0, 5, 3, 1].map(|number: usize| scripts[number].id).into();
    for limit in 1..=8 {
        let query = InboxQuery { limit, ..InboxQuery::default() };
        assert_eq!(pages(&*store, workspace, query).await, expected, "pages of {limit}");
    }
    let page = store.inbox(workspace, InboxQuery { limit: 200, ..InboxQuery::default() }).await.unwrap();
    assert_eq!(page.rows[3].newest_message.as_ref().map(|recorded| recorded.seq), Some(Seq(3)));
    let foreign = InboxQuery { limit: 5, cursor: Some("nonsense".into()), ..InboxQuery::default() };
    assert!(store.inbox(workspace, foreign).await.is_err(), "never a silent first page");
}

pub(in crate::store) async fn inbox_filters(store: Arc<dyn Store>) {
    let workspace = WorkspaceId::generate();
    let (ann, bob) = (agent("Ann"), agent("Bob"));
    let plain = started(&*store, workspace, "help", 10).await;
    let mut waiting = started(&*store, workspace, "help", 20).await;
    turned(&*store, &mut waiting, 21, Status::Unassigned, None).await;
    let mut asked = started(&*store, workspace, "shop", 30).await;
    turned(&*store, &mut asked, 31, Status::Unassigned, None).await;
    turned(&*store, &mut asked, 32, Status::Open, Some(&ann)).await;
    let mut direct = started(&*store, workspace, "help", 40).await;
    turned(&*store, &mut direct, 41, Status::Open, Some(&bob)).await;
    let mut ended = started(&*store, workspace, "shop", 50).await;
    turned(&*store, &mut ended, 51, Status::Ended, None).await;

    let base = InboxQuery { limit: 2, ..InboxQuery::default() };
    let is = |status| InboxQuery { status: StatusFilter::Is(status), ..base.clone() };
    let cases: Vec<(&str, InboxQuery, Vec<&Script>)> = vec![
        ("any", base.clone(), vec![&waiting, &ended, &direct, &asked, &plain]),
        ("unrequested", is(Status::Unrequested), vec![&plain]),
        ("unassigned", is(Status::Unassigned), vec![&waiting]),
        ("open", is(Status::Open), vec![&direct, &asked]),
        ("ended", is(Status::Ended), vec![&ended]),
        ("ended, ongoing", InboxQuery { ongoing: true, ..is(Status::Ended) }, vec![]),
        ("escalated", InboxQuery { status: StatusFilter::Escalated, ..base.clone() }, vec![&waiting, &asked]),
        ("ongoing", InboxQuery { ongoing: true, ..base.clone() }, vec![&waiting, &direct, &asked, &plain]),
        ("chatbot", InboxQuery { chatbot: "shop".parse().ok(), ..base.clone() }, vec![&ended, &asked]),
        ("assignee", InboxQuery { assignee: Some(bob.id), ..base.clone() }, vec![&direct]),
        ("from", InboxQuery { from: Some(UnixMillis(41)), ..base.clone() }, vec![&ended, &direct]),
        ("to", InboxQuery { to: Some(UnixMillis(32)), ..base.clone() }, vec![&waiting, &plain]),
    ];
    for (name, query, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|script| script.id).collect();
        assert_eq!(pages(&*store, workspace, query).await, expected, "{name}");
    }
}

pub(in crate::store) async fn inbox_keeps_workspaces_apart(store: Arc<dyn Store>) {
    let (mine, theirs) = (WorkspaceId::generate(), WorkspaceId::generate());
    let shown = started(&*store, mine, "help", 10).await;
    for status in Status::ALL {
        let mut script = started(&*store, theirs, "help", 20).await;
        turned(&*store, &mut script, 30, status, (status == Status::Open).then(|| agent("Eve")).as_ref()).await;
    }
    let query = InboxQuery { limit: 1, ..InboxQuery::default() };
    assert_eq!(pages(&*store, mine, query.clone()).await, [shown.id]);
    assert_eq!(pages(&*store, theirs, query.clone()).await.len(), 4);
    assert_eq!(pages(&*store, WorkspaceId::generate(), query).await, []);
}

pub(in crate::store) async fn conversations_page_by_page(store: Arc<dyn Store>) {
    let workspace = WorkspaceId::generate();
    let mut ids = Vec::new();
    for number in 0..7 {
        let chatbot = if number % 3 == 0 { "shop" } else { "help" };
        ids.push((started(&*store, workspace, chatbot, 1_000).await.id, chatbot));
    }
    ids.sort();
    for chatbot in [None, Some("help"), Some("shop"), Some("none")] {
        let wanted: Vec<_> =
            ids.iter().filter(|(_, of)| chatbot.is_none_or(|one| one == *of)).map(|(id, _)| *id).collect();
        let mut found = Vec::new();
        loop {
            let of = chatbot.map(|id| id.parse().unwrap());
            let page = store.conversations_after(found.last().copied(), of, 2).await.unwrap();
            assert!(page.len() <= 2);
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, wanted, "{chatbot:?}");
    }
}
