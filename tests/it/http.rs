//! The JSON API and the pages, from the setup to the outbox.

use crate::harness::server::{PASSWORD, TestServer};
use baton::domain::ids::WorkspaceId;
use serde_json::{Value, json};

#[actix_web::test]
async fn the_setup_makes_one_owner_once() {
    let server = TestServer::start().await;
    let mut client = server.client();
    assert_eq!(client.get("/api/v1/setup").await.json(), json!({"needed": true}));

    let mut form = server.setup_form();
    form["token"] = json!("guess");
    assert_eq!(client.post("/api/v1/setup", &form).await.status, 403);
    let mut form = server.setup_form();
    form["password"] = json!("short");
    form["email"] = json!("ana");
    let refused = client.post("/api/v1/setup", &form).await;
    assert_eq!(refused.status, 422);
    let fields = refused.json()["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields, ["email", "password"]);

    let made = client.post("/api/v1/setup", &server.setup_form()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let me = made.json();
    assert_eq!(
        (&me["role"], &me["workspace"]["name"], &me["email"]),
        (&json!("owner"), &json!("Shop"), &json!("ana@example.com"))
    );
    assert_eq!(client.get("/api/v1/me").await.json(), me);
    assert_eq!(client.post("/api/v1/setup", &server.setup_form()).await.status, 409);
    assert_eq!(client.get("/api/v1/setup").await.json(), json!({"needed": false}));
}

/// However many hold the token at once, one of them becomes the owner.
#[actix_web::test]
async fn two_setups_at_once_make_one_owner() {
    let server = TestServer::start().await;
    let (mut a, mut b, form) = (server.client(), server.client(), server.setup_form());
    let (first, second) = futures_util::join!(a.post("/api/v1/setup", &form), b.post("/api/v1/setup", &form));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[actix_web::test]
async fn signing_in_and_out() {
    let server = TestServer::start().await;
    server.owner().await;
    let mut client = server.client();
    let wrong = client.post("/api/v1/session", &json!({"email": "ana@example.com", "password": "wrong"})).await;
    let nobody = client.post("/api/v1/session", &json!({"email": "eve@example.com", "password": "wrong"})).await;
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(wrong.body, nobody.body, "the answer does not say whether the account exists");

    let right = client.post("/api/v1/session", &json!({"email": " ANA@example.com", "password": PASSWORD})).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let set = right.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Domain"), "{set}");
    let first = client.cookie.clone();
    client.post("/api/v1/session", &json!({"email": "ana@example.com", "password": PASSWORD})).await;
    assert_ne!(client.cookie, first, "a new session at each sign-in");
    let mut old = server.client();
    old.cookie = first;
    assert_eq!(old.get("/api/v1/me").await.status, 401, "the session before is over");

    let kept = client.cookie.clone();
    assert_eq!(client.delete("/api/v1/session").await.status, 204);
    assert_eq!(client.cookie, None);
    client.cookie = kept;
    assert_eq!(client.get("/api/v1/me").await.status, 401);
    assert!(server.told.all().iter().any(|told| told.starts_with("session of")));
}

#[actix_web::test]
async fn chatbots_and_their_settings() {
    let server = TestServer::start().await;
    let mut owner = server.owner().await;
    let made = owner.post("/api/v1/chatbots", &json!({"name": "My Shop"})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let chatbot = made.json();
    assert_eq!(chatbot["id"], "my-shop");
    let base = owner.origin();
    assert_eq!(
        chatbot["snippet"],
        format!("<script async src=\"{base}/widget.js\" data-chatbot=\"my-shop\"></script>")
    );
    assert_eq!(chatbot["chat_url"], format!("{base}/chat/my-shop"));
    let twin = owner.post("/api/v1/chatbots", &json!({"name": "My Shop"})).await.json();
    assert_ne!(twin["id"], chatbot["id"]);

    let mut settings = chatbot["settings"].clone();
    settings["brand_color"] = json!("#FF0000");
    settings["handoff"]["button"] = json!({"rule": "after_answers", "count": 2});
    settings["allowed_origins"] = json!(["https://shop.example"]);
    let saved = owner.put("/api/v1/chatbots/my-shop/settings", &settings).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.json()["settings"]["brand_color"], "#ff0000");
    assert_eq!(owner.get("/api/v1/chatbots/my-shop").await.json(), saved.json());
    assert_eq!(server.told.all(), ["settings of my-shop"]);
    assert_eq!(owner.get("/api/v1/chatbots").await.json()["chatbots"].as_array().unwrap().len(), 2);

    settings["brand_color"] = json!("red");
    let refused = owner.put("/api/v1/chatbots/my-shop/settings", &settings).await;
    assert_eq!(
        (refused.status, refused.json()["fields"].clone()),
        (422, json!({"brand_color": "must be a colour such as #2f5bea"}))
    );
    for missing in ["none", "UPPER", "a%00b"] {
        assert_eq!(owner.get(&format!("/api/v1/chatbots/{missing}")).await.status, 404);
    }
    let after = server.state.store.chatbots().await.unwrap();
    assert!(after.iter().any(|record| record.settings.appearance.brand_color == "#ff0000"), "it is in the store");
}

#[actix_web::test]
async fn lists_of_a_new_workspace_are_empty() {
    let server = TestServer::start().await;
    let mut owner = server.owner().await;
    assert_eq!(
        owner.get("/api/v1/conversations?status=escalated&ongoing=true&assignee=me&limit=5").await.json(),
        json!({"rows": [], "next": null})
    );
    assert_eq!(owner.get("/api/v1/jobs?state=failed&limit=5").await.json(), json!({"jobs": []}));
    assert_eq!(owner.get("/api/v1/outbox").await.json(), json!({"smtp_configured": false, "mails": []}));
    assert_eq!(owner.get("/api/v1/agents").await.json()["agents"][0]["name"], "Ana");
    for bad in ["status=lost", "limit=0", "limit=x", "assignee=you", "cursor=zzz", "colour=red", "from=soon"] {
        let answer = owner.get(&format!("/api/v1/conversations?{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
    let unknown = WorkspaceId::generate();
    for path in ["outbox/ID", "conversations/ID/links", "outbox/x", "conversations/x/links"] {
        assert_eq!(owner.get(&format!("/api/v1/{}", path.replace("ID", &unknown.to_string()))).await.status, 404);
    }
    assert_eq!(owner.post(&format!("/api/v1/jobs/{unknown}/retry"), &json!({})).await.status, 404);
}

#[actix_web::test]
async fn pages_come_from_the_build_or_say_what_is_missing() {
    let server = TestServer::start().await;
    let mut owner = server.owner().await;
    owner.post("/api/v1/chatbots", &json!({"name": "Shop"})).await;
    for path in
        ["/", "/login", "/chatbot/shop/settings", "/portal/agent", "/chat/shop", "/widget/shop", "/widget.js", "/demo/"]
    {
        let page = owner.send("GET", path, &[("Accept", "text/html")], b"").await;
        assert!(page.header("content-security-policy").is_some(), "{path}");
        match page.status {
            200 => assert!(!page.body.is_empty()),
            503 => assert!(page.text().contains("make web"), "{}", page.text()),
            status => panic!("{path}: {status}"),
        }
    }
    assert_eq!(owner.get("/widget/unknown").await.status, 404);
    assert_eq!(owner.get("/assets/console/%2e%2e/index.html").await.status, 404);
    assert_eq!(owner.get("/nothing/here").await.status, 404);
}

#[actix_web::test]
async fn health_says_404_while_draining() {
    let server = TestServer::start().await;
    let mut client = server.client();
    assert_eq!(client.get("/healthz").await.json(), json!({"status": "ok"}));
    assert_eq!(client.get("/readyz").await.status, 200);
    server.state.start_draining();
    assert_eq!(client.get("/healthz").await.status, 404);
    server.state.store.close().await.unwrap();
    assert_eq!(client.get("/readyz").await.status, 503);
}

/// The file that front-ends are made from is the one that the server serves.
#[actix_web::test]
async fn the_openapi_document_is_current() {
    let kept: Value = serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    let now = serde_json::to_value(baton::http::openapi()).unwrap();
    assert!(kept == now, "run `cargo run --example openapi > docs/openapi.json`");
    let server = TestServer::start().await;
    assert_eq!(server.client().get("/api/v1/openapi.json").await.status, 401);
    assert_eq!(server.owner().await.get("/api/v1/openapi.json").await.json(), now);
}
