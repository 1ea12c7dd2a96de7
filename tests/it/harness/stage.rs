//! A hub with a scripted model behind its chatbot, and what its visitors read.

use super::http::Http;
use super::model::{Act, Model};
use super::visitor::Visitor;
use super::{CHATBOT, TestHub};
use baton::protocol::shared::{LogEvent, Reason};
use baton::protocol::visitor::ToVisitor;
use serde_json::{Value, json};

/// The demo knowledge has an answer.
pub const KNOWN: &str = "How long does delivery take?";
/// It has none for this.
pub const UNKNOWN: &str = "What is the melting point of tungsten carbide?";
pub const KEY: &str = "sk-test-0123456789";

/// A hub whose demo chatbot answers by a scripted model.
pub struct Stage {
    pub hub: TestHub,
    pub owner: Http,
    pub model: Model,
}

pub async fn stage(act: Act) -> Stage {
    stage_with(act, |_| {}).await
}

pub async fn stage_with(act: Act, change: impl FnOnce(&mut Value)) -> Stage {
    let model = Model::start([act]).await;
    let hub = TestHub::builder().config(|config| config.ai.allow_private_endpoints = true).start().await;
    let mut owner = hub.owner().await;
    owner
        .change_settings(CHATBOT, |settings| {
            let ai = &mut settings["ai"];
            ai["provider"] = json!("openai");
            ai["base_url"] = json!(model.url());
            ai["model"] = json!("scripted");
            ai["api_key"] = json!(KEY);
            ai["timeout_seconds"] = json!(3);
            change(settings);
        })
        .await;
    Stage { hub, owner, model }
}

impl Stage {
    /// How the provider fares, as the owner sees it.
    pub async fn provider(&mut self) -> Value {
        self.owner.get("/api/v1/chatbots/demo/provider").await.body
    }
}

pub async fn answer(visitor: &mut Visitor, text: &str) -> (String, bool) {
    visitor.say(text).await;
    visitor
        .expect_entry("an answer", |event| match event {
            LogEvent::AiMessage { text, confident, .. } => Some((text.clone(), *confident)),
            _ => None,
        })
        .await
}

pub async fn offer(visitor: &mut Visitor) -> Reason {
    visitor
        .expect_entry("an offer", |event| match event {
            LogEvent::HandoffOffered { reason, .. } => Some(*reason),
            _ => None,
        })
        .await
}

/// The text that was streamed for the latest turn, put together as a client does.
pub fn streamed(visitor: &Visitor) -> String {
    let mut text = String::new();
    for frame in &visitor.socket.seen {
        if let ToVisitor::AiText(piece) = frame {
            if piece.from == 0 {
                text.clear();
            }
            assert_eq!(text.encode_utf16().count(), piece.from as usize, "pieces fit");
            text.push_str(&piece.text);
        }
    }
    text
}
