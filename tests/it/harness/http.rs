//! The HTTP API as a browser of this installation would use it.

use super::client::Client;
use std::net::SocketAddr;

pub const PASSWORD: &str = "correct horse battery staple";
pub const EMAIL: &str = "kim@shop.test";

pub struct Http(Client);

pub struct Answer {
    pub status: u16,
    pub body: serde_json::Value,
}

impl Http {
    pub fn anonymous(address: SocketAddr) -> Self {
        Self(Client::new(address))
    }

    /// Somebody whose session is known.
    pub fn with_cookie(address: SocketAddr, cookie: &str) -> Self {
        let mut client = Client::new(address);
        client.cookie = Some(cookie.to_owned());
        Self(client)
    }

    /// Sign up with the set-up link if it is still good, else sign in.
    pub async fn owner(address: SocketAddr, setup_link: Option<&str>) -> Self {
        let mut http = Self::anonymous(address);
        if let Some((_, token)) = setup_link.and_then(|link| link.split_once('#')) {
            let body = serde_json::json!({
                "token": token, "workspace": "Shop", "name": "Kim", "email": EMAIL, "password": PASSWORD
            });
            if http.call("POST", "/api/v1/setup", Some(body)).await.status == 201 {
                return http;
            }
        }
        let body = serde_json::json!({ "email": EMAIL, "password": PASSWORD });
        assert_eq!(http.call("POST", "/api/v1/session", Some(body)).await.status, 200);
        http
    }

    pub fn cookie(&self) -> &str {
        self.0.cookie.as_deref().expect("signed in")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn call(&mut self, method: &str, path: &str, body: Option<serde_json::Value>) -> Answer {
        let origin = self.0.origin();
        let mut headers = vec![("Origin", origin.as_str())];
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        let bytes = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.0.send(method, path, &headers, bytes.as_bytes()).await;
        let body = serde_json::from_slice(&answer.body).unwrap_or(serde_json::Value::Null);
        Answer { status: answer.status, body }
    }
}
