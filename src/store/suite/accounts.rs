//! Everything beside conversations: accounts, chatbots, links, secrets.

use super::*;

fn owner(workspace: WorkspaceId) -> AgentRecord {
    AgentRecord {
        id: AgentId::generate(),
        workspace,
        name: "Ann".into(),
        email: "Ann@Example.com".into(),
        role: Role::Owner,
        password_hash: "$argon2id$v=19$example".into(),
        availability: AvailabilityRecord::Offline,
    }
}

async fn set_up(store: &dyn Store) -> AgentRecord {
    let owner = owner(store.first_workspace().await.unwrap().id);
    assert!(store.set_up(SetUp { workspace_name: "Acme".into(), owner: owner.clone() }).await.unwrap());
    owner
}

pub(in crate::store) async fn first_workspace_and_owner(store: Arc<dyn Store>) {
    assert!(store.needs_set_up().await.unwrap());
    let first = store.first_workspace().await.unwrap();
    assert_eq!(first.name, "Baton");
    assert_eq!(store.first_workspace().await.unwrap(), first, "made once");
    assert!(store.needs_set_up().await.unwrap());

    let stranger = SetUp { workspace_name: "Acme".into(), owner: owner(WorkspaceId::generate()) };
    assert!(store.set_up(stranger).await.is_err(), "an owner of another workspace");
    let owner = set_up(&*store).await;
    assert!(!store.needs_set_up().await.unwrap());
    let renamed = WorkspaceRecord { id: first.id, name: "Acme".into() };
    assert_eq!(store.first_workspace().await.unwrap(), renamed);

    let second =
        AgentRecord { id: AgentId::generate(), name: "Eve".into(), email: "eve@example.com".into(), ..owner.clone() };
    assert!(!store.set_up(SetUp { workspace_name: "Eve's".into(), owner: second.clone() }).await.unwrap());
    assert_eq!(store.workspace(first.id).await.unwrap(), Some(renamed), "nothing of the second was written");
    assert_eq!(store.agent(second.id).await.unwrap(), None);
    assert_eq!(store.workspace(WorkspaceId::generate()).await.unwrap(), None);
}

pub(in crate::store) async fn agents_and_sessions(store: Arc<dyn Store>) {
    let ann = set_up(&*store).await;
    assert_eq!(store.agent(ann.id).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.agent_by_email("aNN@example.COM".into()).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.agent_by_email("bob@example.com".into()).await.unwrap(), None);
    assert_eq!(store.agents(ann.workspace).await.unwrap(), std::slice::from_ref(&ann));
    assert_eq!(store.agents(WorkspaceId::generate()).await.unwrap(), []);

    for availability in [AvailabilityRecord::Online, AvailabilityRecord::Away, AvailabilityRecord::Offline] {
        store.set_availability(ann.id, availability).await.unwrap();
        assert_eq!(store.agent(ann.id).await.unwrap().unwrap().availability, availability);
    }

    store.add_session([1; 32], ann.id, UnixMillis(1_000)).await.unwrap();
    store.add_session([2; 32], ann.id, UnixMillis(1_000)).await.unwrap();
    assert_eq!(store.session([1; 32], UnixMillis(999)).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.session([1; 32], UnixMillis(1_000)).await.unwrap(), None, "expired");
    assert_eq!(store.session([3; 32], UnixMillis(0)).await.unwrap(), None);
    store.remove_session([1; 32]).await.unwrap();
    assert_eq!(store.session([1; 32], UnixMillis(0)).await.unwrap(), None);
    assert_eq!(store.session([2; 32], UnixMillis(0)).await.unwrap(), Some(ann.clone()), "the other one stays");

    store.add_session([4; 32], ann.id, UnixMillis(2_000)).await.unwrap();
    assert_eq!(store.prune_sessions(UnixMillis(999), 10).await.unwrap(), 0);
    assert_eq!(store.prune_sessions(UnixMillis(1_000), 10).await.unwrap(), 1, "the moment of its end is over");
    assert_eq!(store.session([2; 32], UnixMillis(0)).await.unwrap(), None);
    assert_eq!(store.session([4; 32], UnixMillis(0)).await.unwrap(), Some(ann), "one that goes on stays");
}

pub(in crate::store) async fn chatbots_and_settings(store: Arc<dyn Store>) {
    let chatbot = |id: &str| ChatbotRecord {
        id: id.parse().unwrap(),
        workspace: WorkspaceId::generate(),
        settings: ChatbotSettings::new(id.into()),
    };
    let (help, mut shop) = (chatbot("help"), chatbot("shop"));
    assert!(store.add_chatbot(shop.clone()).await.unwrap());
    assert!(store.add_chatbot(help.clone()).await.unwrap());
    assert!(!store.add_chatbot(chatbot("help")).await.unwrap(), "taken");
    assert_eq!(store.chatbots().await.unwrap(), [help.clone(), shop.clone()]);

    shop.settings.handoff.keywords = vec!["refund".into()];
    shop.settings.handoff.turn_limit = Some(4);
    store.set_settings(shop.id.clone(), shop.settings.clone()).await.unwrap();
    assert_eq!(store.chatbots().await.unwrap(), [help.clone(), shop]);
    assert!(store.set_settings("nobody".parse().unwrap(), help.settings).await.is_err());
}

pub(in crate::store) async fn documents(store: Arc<dyn Store>) {
    let document = |chatbot: &str, name: &str, text: &str, at: i64| DocumentRecord {
        id: Uuid::now_v7(),
        chatbot: chatbot.parse().unwrap(),
        name: name.into(),
        text: text.into(),
        updated_at: UnixMillis(at),
    };
    let help: ChatbotId = "help".parse().unwrap();
    let shop: ChatbotId = "shop".parse().unwrap();
    let (prices, about) = (document("help", "prices.md", "1 EUR", 10), document("help", "about.md", "We", 11));
    for added in [&prices, &about, &document("shop", "prices.md", "2 EUR", 10)] {
        assert_eq!(store.put_document(added.clone()).await.unwrap(), added.id);
    }
    assert_eq!(store.documents(help.clone()).await.unwrap(), [about.clone(), prices.clone()]);

    let newer = document("help", "prices.md", "3 EUR", 20);
    assert_eq!(store.put_document(newer.clone()).await.unwrap(), prices.id, "the id stays");
    assert_eq!(store.documents(help.clone()).await.unwrap(), [about, DocumentRecord { id: prices.id, ..newer }]);

    assert!(!store.remove_document(shop.clone(), prices.id).await.unwrap(), "not in this chatbot");
    assert!(store.remove_document(help.clone(), prices.id).await.unwrap());
    assert!(!store.remove_document(help.clone(), prices.id).await.unwrap());
    assert_eq!(store.documents(help).await.unwrap().len(), 1);
    assert_eq!(store.documents(shop).await.unwrap()[0].text, "2 EUR");
}

pub(in crate::store) async fn links(store: Arc<dyn Store>) {
    let conversation = ConversationId::of_visitor(&"help".parse().unwrap(), VisitorId::generate());
    let link = |token: u8, conversation: ConversationId| NewLink {
        id: Uuid::now_v7(),
        token_hash: [token; 32],
        conversation,
        agent: agent("Ann"),
        address: "ann@example.com".into(),
        created_at: UnixMillis(i64::from(token)),
        expires_at: UnixMillis(1_000),
    };
    let (first, second) = (link(1, conversation), link(2, conversation));
    let other = link(3, ConversationId::of_visitor(&"help".parse().unwrap(), VisitorId::generate()));
    for link in [&second, &first, &other] {
        store.add_link(link.clone()).await.unwrap();
    }
    assert!(store.add_link(link(1, conversation)).await.is_err(), "a token is one link");
    let record = |link: &NewLink, revoked_at: Option<i64>| LinkRecord {
        id: link.id,
        conversation: link.conversation,
        agent: link.agent.clone(),
        address: link.address.clone(),
        created_at: link.created_at,
        expires_at: link.expires_at,
        revoked_at: revoked_at.map(UnixMillis),
    };
    assert_eq!(store.link([1; 32]).await.unwrap(), Some(record(&first, None)));
    assert_eq!(store.link([9; 32]).await.unwrap(), None);
    assert_eq!(store.links(conversation).await.unwrap(), [record(&first, None), record(&second, None)]);

    store.revoke_links(conversation, UnixMillis(500)).await.unwrap();
    store.revoke_links(conversation, UnixMillis(600)).await.unwrap();
    let revoked = [record(&first, Some(500)), record(&second, Some(500))];
    assert_eq!(store.links(conversation).await.unwrap(), revoked, "the first time counts");
    assert_eq!(store.link([3; 32]).await.unwrap(), Some(record(&other, None)), "of this conversation only");
}

pub(in crate::store) async fn secrets_and_epoch(store: Arc<dyn Store>) {
    let first = store.secret("cookies").await.unwrap();
    assert_ne!(first, [0; 32]);
    assert_eq!(store.secret("cookies").await.unwrap(), first);
    assert_ne!(store.secret("identity").await.unwrap(), first);
    assert_eq!(store.epoch(), store.epoch());
    assert_ne!(store.epoch(), Uuid::nil());
    store.ping().await.unwrap();
}
