//! The API described by its own handlers.

use super::error_response::ErrorBody;
use super::extractors::SignedIn;
use super::routes::{
    agents, ask, chatbots, conversations, health, jobs, knowledge, learning, links, outbox, provider, session, setup,
};
use actix_web::HttpResponse;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Baton", description = "The JSON API of the console. Live traffic goes over WebSockets (docs/protocol.md)."),
    paths(
        setup::needed,
        setup::set_up,
        session::sign_in,
        session::sign_out,
        session::me,
        agents::list,
        chatbots::list,
        chatbots::create,
        chatbots::read,
        chatbots::save_settings,
        provider::read,
        provider::test,
        knowledge::list,
        knowledge::add,
        knowledge::remove,
        ask::ask,
        learning::list,
        learning::approve,
        learning::reject,
        conversations::list,
        links::list,
        links::revoke,
        jobs::list,
        jobs::retry,
        outbox::list,
        outbox::read,
        health::healthz,
        health::readyz,
        document,
    ),
    components(schemas(ErrorBody, conversations::StatusChoice, jobs::JobStateName)),
    security(("session" = [])),
    modifiers(&SessionCookie)
)]
struct Description;

/// OpenAPI names the cookie apart from the operations.
struct SessionCookie;

impl Modify for SessionCookie {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description(
            "baton_session",
            "Set by signing in. Called `__Host-baton_session` where the public URL is https.",
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The OpenAPI document of everything under `/api/v1`, and of the health pages.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// This document. Only for the team (S69).
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operation",
    responses((status = 200, body = Object), (status = 401, body = ErrorBody)))]
pub(super) async fn document(_: SignedIn) -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}
