//! The HTTP API as a browser of this installation would use it.

use std::net::SocketAddr;

pub const PASSWORD: &str = "correct horse battery staple";
pub const EMAIL: &str = "kim@shop.test";

pub struct Http {
    address: SocketAddr,
    cookie: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub body: serde_json::Value,
}

impl Http {
    pub fn anonymous(address: SocketAddr) -> Self {
        Self { address, cookie: None }
    }

    /// Somebody whose session is known.
    pub fn with_cookie(address: SocketAddr, cookie: &str) -> Self {
        Self { address, cookie: Some(cookie.to_owned()) }
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
        self.cookie.as_deref().expect("signed in")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn call(&mut self, method: &str, path: &str, body: Option<serde_json::Value>) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        request = request.header("origin", format!("http://{}", self.address));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie.as_str());
        }
        let call = move || match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body.to_string());
                agent.run(request.expect("request"))
            }
            None => agent.run(request.body(()).expect("request")),
        };
        let mut response = tokio::task::spawn_blocking(call).await.expect("call").expect("answer");
        if let Some(cookie) = response.headers().get("set-cookie").and_then(|value| value.to_str().ok()) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let bytes = response.body_mut().read_to_vec().expect("body");
        let body = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
        Answer { status: response.status().as_u16(), body }
    }
}
