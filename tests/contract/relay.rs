//! Stands between Baton and Prism: passes requests on, as they are or changed, and keeps what became of them.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use baton::egress::{Reach, client_for};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done to requests on their way.
#[derive(Default)]
pub struct Change {
    /// Prism shall answer with this status; one for each request, then none.
    pub statuses: Vec<u16>,
    /// The answer in one piece, where Baton asks for a stream.
    pub whole: bool,
    /// The field is taken out of the body.
    pub without: Option<&'static str>,
}

/// One request, and Prism's verdict on it.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub body: Value,
    pub status: u16,
    /// Where the request departs from the contract.
    pub violations: Option<String>,
}

pub struct Relay {
    pub url: String,
    shared: Data<Shared>,
}

struct Shared {
    target: String,
    client: reqwest::Client,
    change: Mutex<Change>,
    seen: Mutex<Vec<Exchange>>,
}

impl Relay {
    pub async fn start(target: String, change: Change) -> Self {
        let client = client_for(&target.parse().unwrap(), Reach::Anywhere, Duration::from_secs(5)).await.unwrap();
        let shared =
            Data::from(Arc::new(Shared { target, client, change: Mutex::new(change), seen: Mutex::default() }));
        let state = shared.clone();
        let server = HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(pass_on)))
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { url, shared }
    }

    pub fn seen(&self) -> Vec<Exchange> {
        self.shared.seen.lock().unwrap().clone()
    }
}

async fn pass_on(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut sent = shared.client.post(format!("{}{}", shared.target, request.path()));
    let mut body: Value = serde_json::from_slice(&body).expect("Baton sends JSON");
    {
        let mut change = shared.change.lock().unwrap();
        let status = (!change.statuses.is_empty()).then(|| change.statuses.remove(0));
        // Vendors' errors are JSON, whatever was asked for; Prism would rather pass over the status.
        let json = change.whole || status.is_some();
        for (name, value) in request.headers() {
            let ours = matches!(name.as_str(), "host" | "content-length" | "accept-encoding");
            if !ours && !(json && name == "accept") {
                sent = sent.header(name.as_str(), value.to_str().unwrap());
            }
        }
        if json {
            sent = sent.header("accept", "application/json");
        }
        if let Some(status) = status {
            sent = sent.header("prefer", format!("code={status}"));
        }
        if let Some(field) = change.without {
            body.as_object_mut().unwrap().remove(field);
        }
    }
    let answer = sent.body(body.to_string()).send().await.expect("Prism answers");
    let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    shared.seen.lock().unwrap().push(Exchange { body, status, violations: header("sl-violations") });
    let mut relayed = HttpResponse::build(StatusCode::from_u16(status).unwrap());
    for name in ["content-type", "retry-after"] {
        if let Some(value) = header(name) {
            relayed.insert_header((name, value));
        }
    }
    relayed.body(answer.bytes().await.unwrap())
}
