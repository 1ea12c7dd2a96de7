//! The map of the site. One file per noun.

pub(super) mod agents;
pub(super) mod ask;
pub(super) mod chatbots;
pub(super) mod conversations;
pub(super) mod health;
pub(super) mod jobs;
pub(super) mod knowledge;
pub(super) mod learning;
pub(super) mod links;
pub(super) mod outbox;
mod pages;
pub(super) mod provider;
pub(super) mod session;
pub(super) mod setup;

use super::error_response::ApiError;
use super::state::AppState;
use actix_web::web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{HttpResponse, Resource, Responder, guard};

/// Mount everything but the WebSockets. The application must be wrapped in [`super::guard`].
pub fn configure(config: &mut ServiceConfig, state: web::Data<AppState>) {
    let json = json_up_to(state.config.limits.json_bytes);
    // Escaped, a text may be twice as long; what is too long after that is refused by its handler.
    let documents = state.config.limits.document_bytes.saturating_mul(2).saturating_add(1024);
    let demo = state.demo;
    config
        .app_data(state)
        .app_data(json)
        .app_data(QueryConfig::default().error_handler(|error, _| ApiError::from(error).into()))
        .app_data(PathConfig::default().error_handler(|error, _| ApiError::from(error).into()))
        .service(resource("/healthz", "GET").get(health::healthz))
        .service(resource("/readyz", "GET").get(health::readyz));
    config
        .service(resource("/api/v1/openapi.json", "GET").get(super::openapi::document))
        .service(resource("/api/v1/setup", "GET, POST").get(setup::needed).post(setup::set_up))
        .service(resource("/api/v1/session", "POST, DELETE").post(session::sign_in).delete(session::sign_out))
        .service(resource("/api/v1/me", "GET").get(session::me))
        .service(resource("/api/v1/agents", "GET").get(agents::list))
        .service(resource("/api/v1/chatbots", "GET, POST").get(chatbots::list).post(chatbots::create))
        .service(resource("/api/v1/chatbots/{chatbot}", "GET").get(chatbots::read))
        .service(resource("/api/v1/chatbots/{chatbot}/settings", "PUT").put(chatbots::save_settings))
        .service(resource("/api/v1/chatbots/{chatbot}/provider", "GET").get(provider::read))
        .service(resource("/api/v1/chatbots/{chatbot}/provider/test", "POST").post(provider::test))
        .service(
            resource("/api/v1/chatbots/{chatbot}/knowledge", "GET, POST")
                .limit(documents)
                .get(knowledge::list)
                .post(knowledge::add),
        )
        .service(resource("/api/v1/chatbots/{chatbot}/knowledge/ask", "POST").post(ask::ask))
        .service(resource("/api/v1/chatbots/{chatbot}/learning", "GET").get(learning::list))
        .service(resource("/api/v1/chatbots/{chatbot}/learning/{proposal}/approve", "POST").post(learning::approve))
        .service(resource("/api/v1/chatbots/{chatbot}/learning/{proposal}/reject", "POST").post(learning::reject))
        .service(resource("/api/v1/chatbots/{chatbot}/knowledge/{document}", "DELETE").delete(knowledge::remove))
        .service(resource("/api/v1/conversations", "GET").get(conversations::list))
        .service(
            resource("/api/v1/conversations/{conversation}/links", "GET, DELETE")
                .get(links::list)
                .delete(links::revoke),
        )
        .service(resource("/api/v1/jobs", "GET").get(jobs::list))
        .service(resource("/api/v1/jobs/{job}/retry", "POST").post(jobs::retry))
        .service(resource("/api/v1/outbox", "GET").get(outbox::list))
        .service(resource("/api/v1/outbox/{mail}", "GET").get(outbox::read));
    pages::configure(config, demo);
    config.default_service(web::to(async || Err::<HttpResponse, _>(ApiError::NotFound)));
}

/// A path with its methods; others are answered with 405 and `allow`.
fn resource(path: &str, allow: &'static str) -> Nouns {
    Nouns(
        web::resource(path).default_service(web::to(move || async move {
            Err::<HttpResponse, _>(ApiError::MethodNotAllowed { allow })
        })),
    )
}

fn json_up_to(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(|error, _| ApiError::from(error).into())
}

/// A page: GET, and HEAD for those who only look.
fn resource_for_pages<F, Args>(path: &str, handler: F) -> Resource
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let Nouns(resource) = resource(path, "GET, HEAD");
    resource.route(web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler))
}

/// `actix_web::Resource` with the methods by name.
struct Nouns(Resource);

macro_rules! methods {
    ($($name:ident),*) => {
        impl Nouns {
            $(
                fn $name<F, Args>(self, handler: F) -> Self
                where
                    F: actix_web::Handler<Args>,
                    Args: actix_web::FromRequest + 'static,
                    F::Output: Responder + 'static,
                {
                    Self(self.0.route(web::$name().to(handler)))
                }
            )*
        }
    };
}
methods!(get, post, put, delete);

impl Nouns {
    /// Bodies up to `bytes` here.
    fn limit(self, bytes: usize) -> Self {
        Self(self.0.app_data(json_up_to(bytes)))
    }
}

impl actix_web::dev::HttpServiceFactory for Nouns {
    fn register(self, config: &mut actix_web::dev::AppService) {
        self.0.register(config);
    }
}
