//! Pages and files of the embedded front-ends.

use super::resource_for_pages as page;
use crate::domain::ids::ChatbotId;
use crate::http::assets::{Keep, Site};
use crate::http::error_response::ApiError;
use crate::http::security::PagePolicy;
use crate::http::state::AppState;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

/// Addresses that the console's own router knows.
const CONSOLE_PAGES: [&str; 8] = [
    "/",
    "/setup",
    "/login",
    "/inbox",
    "/chatbot/{chatbot}/dashboard/live-chats",
    "/chatbot/{chatbot}/settings",
    "/chatbot/{chatbot}/knowledge",
    "/notifications",
];

pub(super) fn configure(config: &mut ServiceConfig, demo: bool) {
    config
        .service(page("/widget.js", loader))
        .service(page("/widget/{chatbot}", chat_frame))
        .service(page("/chat/{chatbot}", chat_page))
        .service(page("/assets/widget/{file:.*}", widget_file))
        .service(page("/assets/console/{file:.*}", console_file))
        .service(page("/portal/agent", portal));
    for path in CONSOLE_PAGES {
        config.service(page(path, console));
    }
    if demo {
        config.service(page("/demo", demo_entry)).service(page("/demo/{file:.*}", demo_file));
    }
}

async fn loader(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let headers = vec![(header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin".into())];
    built(&request, &state, (Site::Widget, "widget.js"), Keep::Minutes, headers)
}

/// The chat inside a host page, which must be one that the chatbot's owner allows (S61).
async fn chat_frame(request: HttpRequest, state: Data<AppState>, id: Path<String>) -> HttpResponse {
    let Some(chatbot) = id.parse::<ChatbotId>().ok().and_then(|id| state.chatbots.get(&id)) else {
        return explained(&request, &ApiError::NotFound);
    };
    let headers = PagePolicy::FramedBy(&chatbot.settings.allowed_origins).headers();
    built(&request, &state, (Site::Widget, "chat.html"), Keep::Never, headers)
}

/// The same chat as a page of its own.
async fn chat_page(request: HttpRequest, state: Data<AppState>, id: Path<String>) -> HttpResponse {
    if id.parse::<ChatbotId>().ok().and_then(|id| state.chatbots.get(&id)).is_none() {
        return explained(&request, &ApiError::NotFound);
    }
    built(&request, &state, (Site::Widget, "chat.html"), Keep::Never, PagePolicy::Alone.headers())
}

async fn console(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    built(&request, &state, (Site::Console, "index.html"), Keep::Ask, PagePolicy::Alone.headers())
}

/// The token is in the fragment, which no server sees; still the page leaves no trace and stays out of indexes (S16).
async fn portal(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let mut headers = PagePolicy::Alone.headers();
    headers.push((HeaderName::from_static("x-robots-tag"), "noindex, nofollow".into()));
    built(&request, &state, (Site::Console, "portal.html"), Keep::Never, headers)
}

async fn widget_file(
    request: HttpRequest,
    state: Data<AppState>,
    file: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let headers = vec![(header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin".into())];
    asset(&request, &state, (Site::Widget, &file), headers)
}

async fn console_file(
    request: HttpRequest,
    state: Data<AppState>,
    file: Path<String>,
) -> Result<HttpResponse, ApiError> {
    asset(&request, &state, (Site::Console, &file), Vec::new())
}

async fn demo_entry() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/demo/")).finish()
}

async fn demo_file(request: HttpRequest, state: Data<AppState>, file: Path<String>) -> HttpResponse {
    let path = if file.is_empty() || file.ends_with('/') { format!("{file}index.html") } else { file.into_inner() };
    state.assets.respond(&request, (Site::Demo, &path), Keep::Ask, PagePolicy::Demo.headers()).unwrap_or_else(|| {
        explained(&request, if path == "index.html" { &ApiError::WebBuildMissing } else { &ApiError::NotFound })
    })
}

/// A page that every build has.
fn built(
    request: &HttpRequest,
    state: &AppState,
    file: (Site, &str),
    keep: Keep,
    headers: Vec<(HeaderName, String)>,
) -> HttpResponse {
    state.assets.respond(request, file, keep, headers).unwrap_or_else(|| explained(request, &ApiError::WebBuildMissing))
}

/// A file with a hash in its name.
fn asset(
    request: &HttpRequest,
    state: &AppState,
    (site, file): (Site, &str),
    headers: Vec<(HeaderName, String)>,
) -> Result<HttpResponse, ApiError> {
    let path = format!("assets/{file}");
    state.assets.respond(request, (site, &path), Keep::Forever, headers).ok_or(ApiError::NotFound)
}

/// An error for a person at a browser, or for a program.
fn explained(request: &HttpRequest, error: &ApiError) -> HttpResponse {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accepts.is_some_and(|accepts| accepts.contains("text/html")) {
        return error.error_response();
    }
    let status: StatusCode = error.status_code();
    // Nothing of the request is repeated here.
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>",
        title = status.canonical_reason().unwrap_or("Error"),
        text = error.body().message,
    );
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page)
}
