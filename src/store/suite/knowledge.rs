//! Documents in lists, and what agents taught.

use super::*;

pub(in crate::store) async fn document_heads_and_stamps(store: Arc<dyn Store>) {
    let help: ChatbotId = "help".parse().unwrap();
    let document = |name: &str, text: &str, at: i64| DocumentRecord {
        id: Uuid::now_v7(),
        chatbot: help.clone(),
        name: name.into(),
        text: text.into(),
        updated_at: UnixMillis(at),
    };
    assert_eq!(store.knowledge_stamps().await.unwrap(), []);
    let (prices, about) = (document("prices.md", "1 €", 10), document("about.md", "We", 20));
    for added in [&prices, &about] {
        store.put_document(added.clone()).await.unwrap();
    }
    let head = |record: &DocumentRecord, bytes: u32| DocumentHead {
        id: record.id,
        name: record.name.clone(),
        bytes,
        updated_at: record.updated_at,
    };
    assert_eq!(store.document_heads(help.clone()).await.unwrap(), [head(&about, 2), head(&prices, 5)]);
    assert_eq!(store.document(help.clone(), prices.id).await.unwrap(), Some(prices.clone()));
    assert_eq!(store.document("shop".parse().unwrap(), prices.id).await.unwrap(), None);
    let stamp = || async { store.knowledge_stamps().await.unwrap() };
    assert_eq!(stamp().await, [(help.clone(), KnowledgeStamp::of(&[prices.clone(), about.clone()]))]);
    store.put_document(DocumentRecord { updated_at: UnixMillis(30), ..prices.clone() }).await.unwrap();
    assert_eq!(stamp().await[0].1, KnowledgeStamp { documents: 2, latest: UnixMillis(30) });
    store.remove_document(help.clone(), about.id).await.unwrap();
    assert_eq!(stamp().await[0].1, KnowledgeStamp { documents: 1, latest: UnixMillis(30) });
}

/// Nodes' clocks differ, and a millisecond is long: whatever time a change claims, it shows in the stamp.
pub(in crate::store) async fn every_change_has_a_stamp_of_its_own(store: Arc<dyn Store>) {
    let help: ChatbotId = "help".parse().unwrap();
    let document = |name: &str, at: i64| DocumentRecord {
        id: Uuid::now_v7(),
        chatbot: help.clone(),
        name: name.into(),
        text: at.to_string(),
        updated_at: UnixMillis(at),
    };
    let mut seen = Vec::new();
    let mut look = async |what: &str| {
        let stamp = store.knowledge_stamps().await.unwrap()[0].1;
        assert!(!seen.contains(&stamp), "{what}: {stamp:?} was seen before");
        seen.push(stamp);
    };
    store.put_document(document("a.md", 100)).await.unwrap();
    look("the first").await;
    store.put_document(document("b.md", 50)).await.unwrap();
    look("added by a clock that is behind").await;
    store.put_document(document("b.md", 50)).await.unwrap();
    look("replaced at the same time").await;
    store.put_document(document("b.md", 10)).await.unwrap();
    look("replaced by a clock that is further behind").await;
    let proposal = Proposal {
        id: Uuid::now_v7(),
        chatbot: help.clone(),
        conversation: ConversationId::of_visitor(&help, VisitorId::generate()),
        asked: Seq(2),
        question: "Open?".into(),
        answer: "Yes".into(),
        agent_name: "Ann".into(),
        made_at: UnixMillis(1),
    };
    store.propose(proposal.clone()).await.unwrap();
    let verdict = Verdict::Approve {
        question: "Open?".into(),
        answer: "Yes".into(),
        document: "b.md".into(),
        id: Uuid::now_v7(),
        line: "Open? Yes".into(),
    };
    assert!(store.decide_proposal(help.clone(), proposal.id, verdict, UnixMillis(30)).await.unwrap());
    look("a line of a proposal").await;
}

pub(in crate::store) async fn proposals_are_settled_once(store: Arc<dyn Store>) {
    let (help, shop): (ChatbotId, ChatbotId) = ("help".parse().unwrap(), "shop".parse().unwrap());
    let conversation = ConversationId::of_visitor(&help, VisitorId::generate());
    let proposal = |asked: u64, at: i64| Proposal {
        id: Uuid::now_v7(),
        chatbot: help.clone(),
        conversation,
        asked: Seq(asked),
        question: format!("Question {asked}?"),
        answer: "Yes".into(),
        agent_name: "Kim".into(),
        made_at: UnixMillis(at),
    };
    let (late, early, third) = (proposal(2, 20), proposal(7, 10), proposal(9, 30));
    for added in [&late, &early, &third] {
        assert!(store.propose(added.clone()).await.unwrap());
    }
    let open = || async { store.proposals(help.clone(), 10).await.unwrap() };
    assert!(!store.propose(proposal(2, 40)).await.unwrap(), "the same message");
    assert_eq!(open().await, [early.clone(), late.clone(), third.clone()]);
    assert_eq!(store.proposals(help.clone(), 1).await.unwrap(), std::slice::from_ref(&early));
    assert_eq!(store.proposals(shop.clone(), 10).await.unwrap(), []);

    let approve = |line: &str| Verdict::Approve {
        question: "Q?".into(),
        answer: "A".into(),
        document: "learned.jsonl".into(),
        id: Uuid::now_v7(),
        line: line.into(),
    };
    let decide =
        |chatbot: &ChatbotId, id, verdict, at| store.decide_proposal(chatbot.clone(), id, verdict, UnixMillis(at));
    assert!(!decide(&shop, early.id, approve("x\n"), 50).await.unwrap(), "of another chatbot");
    assert!(decide(&help, early.id, approve("1\n"), 50).await.unwrap());
    assert!(decide(&help, late.id, approve("2\n"), 60).await.unwrap());
    assert!(decide(&help, third.id, Verdict::Reject, 70).await.unwrap());
    for settled in [&early, &late, &third] {
        assert!(!decide(&help, settled.id, approve("x\n"), 80).await.unwrap());
    }
    assert_eq!(open().await, []);
    assert!(!store.propose(proposal(9, 90)).await.unwrap(), "a rejected one does not come back");
    let documents = store.documents(help.clone()).await.unwrap();
    let seen: Vec<_> = documents.iter().map(|document| (document.text.as_str(), document.updated_at.0)).collect();
    assert_eq!(seen, [("1\n2\n", 60)]);
}
