//! Whether the model behind a chatbot works, and what it has cost today.

use crate::ai::prompt::Prompt;
use crate::ai::providers::{self, Health, Meter};
use crate::http::ai_settings_body::ProviderName;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::Admin;
use crate::http::state::AppState;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use std::time::Instant;
use tokio::sync::mpsc;
use utoipa::ToSchema;

/// As this server has seen it since its start; times in Unix milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProviderView {
    #[schema(value_type = String)]
    provider: ProviderName,
    model: String,
    /// The first failure after the latest success; null while it works.
    failing_since: Option<i64>,
    /// Failures since then.
    failures: u32,
    last_error: Option<String>,
    last_error_at: Option<i64>,
    last_success_at: Option<i64>,
    /// When a spend limit last kept an answer from being asked for.
    limited_at: Option<i64>,
    /// Tokens, in and out, of this chatbot today (UTC). An answer under way counts with the most that it may cost.
    spent_today: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProviderTest {
    works: bool,
    /// Why it does not.
    error: Option<String>,
    millis: u64,
}

/// How the chatbot's provider fares.
#[utoipa::path(get, path = "/api/v1/chatbots/{chatbot}/provider", tag = "chatbots",
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = ProviderView), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn read(
    state: Data<AppState>,
    admin: Admin,
    id: Path<String>,
) -> Result<Json<ProviderView>, ApiError> {
    let chatbot = admin.chatbot(&state, &id)?;
    let spent = state.store.spent(vec![providers::day_scope(&chatbot.id, state.now())]).await?;
    let Health { last_error, last_error_at, failing_since, failures, last_success_at, limited_at } =
        state.providers.healths.of(&chatbot.id);
    Ok(Json(ProviderView {
        provider: chatbot.settings.ai.provider.into(),
        model: chatbot.settings.ai.model.clone(),
        failing_since: failing_since.map(|at| at.0),
        failures,
        last_error,
        last_error_at: last_error_at.map(|at| at.0),
        last_success_at: last_success_at.map(|at| at.0),
        limited_at: limited_at.map(|at| at.0),
        spent_today: spent.first().copied().unwrap_or_default(),
    }))
}

/// Ask the provider for one word with the saved settings. Its tokens count for the chatbot's day.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/provider/test", tag = "chatbots",
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = ProviderTest), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn test(
    state: Data<AppState>,
    admin: Admin,
    id: Path<String>,
) -> Result<Json<ProviderTest>, ApiError> {
    let chatbot = admin.chatbot(&state, &id)?;
    let begun = Instant::now();
    let prompt = Prompt { system: "Reply with the single word: ok".into(), user: "ok?".into() };
    let (pieces, mut ignored) = mpsc::channel(16);
    let mut meter = Meter::default();
    let end = match state.providers.endpoint(&chatbot.id, &chatbot.settings.ai) {
        Ok(Some(endpoint)) => {
            let drain = async { while ignored.recv().await.is_some() {} };
            tokio::join!(state.providers.ask(&endpoint, &prompt, pieces, &mut meter), drain).0
        }
        Ok(None) => {
            let error = Some("the chatbot answers by itself; it has no provider".to_owned());
            return Ok(Json(ProviderTest { works: false, error, millis: 0 }));
        }
        Err(error) => Err(error),
    };
    let scope = providers::day_scope(&chatbot.id, state.now());
    let tokens = i64::try_from(meter.tokens()).unwrap_or(i64::MAX);
    state.store.add_spend(vec![scope], tokens, state.now()).await?;
    let error = match end {
        Ok(_) => {
            state.providers.healths.succeeded(&chatbot.id, state.now());
            None
        }
        Err(error) => {
            state.providers.healths.failed(&chatbot.id, &error, state.now());
            Some(error.to_string())
        }
    };
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(ProviderTest { works: error.is_none(), error, millis }))
}
