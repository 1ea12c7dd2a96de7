//! Chatbots and their settings.

use crate::directory;
use crate::domain::ids::ChatbotId;
use crate::domain::settings::ChatbotSettings;
use crate::http::accounts::Faults;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::{Admin, SignedIn};
use crate::http::settings_body::Settings;
use crate::http::state::AppState;
use crate::secrets;
use crate::store::ChatbotRecord;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChatbotList {
    chatbots: Vec<Chatbot>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Chatbot {
    #[schema(pattern = "^[a-z0-9-]{1,64}$")]
    id: String,
    settings: Settings,
    /// HTML for the owner's pages.
    snippet: String,
    /// The hosted chat page.
    chat_url: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewChatbot {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
}

/// All chatbots of the workspace, by name.
#[utoipa::path(get, path = "/api/v1/chatbots", tag = "chatbots",
    responses((status = 200, body = ChatbotList), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn list(state: Data<AppState>, signed_in: SignedIn) -> Json<ChatbotList> {
    let chatbots = state.chatbots.of_workspace(signed_in.agent.workspace);
    Json(ChatbotList { chatbots: chatbots.iter().map(|record| Chatbot::of(&state, record)).collect() })
}

/// Make a chatbot with sensible settings.
#[utoipa::path(post, path = "/api/v1/chatbots", tag = "chatbots", request_body = NewChatbot,
    responses(
        (status = 201, body = Chatbot), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(in crate::http) async fn create(
    state: Data<AppState>,
    admin: Admin,
    form: Json<NewChatbot>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let name = faults.line("name", &form.name, 1, 80);
    faults.check()?;
    let mut id = slug(&name);
    loop {
        let record = ChatbotRecord {
            id: id.parse().map_err(|error| ApiError::internal("name a chatbot", error))?,
            workspace: admin.agent.workspace,
            settings: ChatbotSettings::new(name.clone()),
        };
        if let Some(chatbot) = state.chatbots.add(record).await? {
            tracing::info!(chatbot.id = %chatbot.id, agent.id = %admin.agent.id, "chatbot made");
            return Ok(HttpResponse::Created().json(Chatbot::of(&state, &chatbot)));
        }
        id = format!("{}-{}", slug(&name), &Uuid::new_v4().simple().to_string()[..6]);
    }
}

/// One chatbot.
#[utoipa::path(get, path = "/api/v1/chatbots/{chatbot}", tag = "chatbots",
    params(("chatbot" = String, Path, description = "Its id")),
    responses((status = 200, body = Chatbot), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn read(
    state: Data<AppState>,
    signed_in: SignedIn,
    id: Path<String>,
) -> Result<Json<Chatbot>, ApiError> {
    let record = signed_in.chatbot(&state, &id)?;
    Ok(Json(Chatbot::of(&state, &record)))
}

/// Replace the settings. They take effect in open widgets at once.
#[utoipa::path(put, path = "/api/v1/chatbots/{chatbot}/settings", tag = "chatbots", request_body = Settings,
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = Chatbot), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(in crate::http) async fn save_settings(
    state: Data<AppState>,
    admin: Admin,
    id: Path<String>,
    settings: Json<Settings>,
) -> Result<Json<Chatbot>, ApiError> {
    let chatbot = admin.chatbot(&state, &id)?;
    let id: ChatbotId = chatbot.id.clone();
    let seal = |key: &str| state.sealer.seal(&secrets::ai_key(&id), key);
    let settings = settings.into_inner().checked(&chatbot.settings.ai, seal)?;
    let record = state.chatbots.set_settings(&id, settings).await?.ok_or(ApiError::NotFound)?;
    tracing::info!(chatbot.id = %id, agent.id = %admin.agent.id, "settings saved");
    state.hub.settings_changed(&id);
    Ok(Json(Chatbot::of(&state, &record)))
}

impl Chatbot {
    fn of(state: &AppState, record: &directory::Chatbot) -> Self {
        let script = state.public_url.join("/widget.js");
        Self {
            id: record.id.to_string(),
            settings: Settings::from(&record.settings),
            snippet: format!("<script async src=\"{script}\" data-chatbot=\"{}\"></script>", record.id),
            chat_url: state.public_url.join(&format!("/chat/{}", record.id)),
        }
    }
}

/// A readable id from a name: "Käthe's Shop" becomes "k-the-s-shop".
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() == 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "chat".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_id() {
        for (name, id) in [
            ("Shop", "shop"),
            ("  My   Shop! ", "my-shop"),
            ("客服", "chat"),
            ("K\u{e4}the's", "k-the-s"),
            (&"a".repeat(90), &"a".repeat(40)),
        ] {
            assert_eq!(slug(name), id);
            assert!(slug(name).parse::<ChatbotId>().is_ok());
        }
    }
}
