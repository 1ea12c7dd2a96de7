//! Settings and answers of the HTTP API that stories look at.

use super::http::Http;
use super::socket::DEADLINE;
use serde_json::Value;

impl Http {
    /// Read the settings of a chatbot, change them, save them.
    pub async fn change_settings(&mut self, chatbot: &str, change: impl FnOnce(&mut Value)) {
        let mut settings = self.get(&format!("/api/v1/chatbots/{chatbot}")).await.body["settings"].take();
        change(&mut settings);
        let saved = self.call("PUT", &format!("/api/v1/chatbots/{chatbot}/settings"), Some(settings)).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
    }

    /// Ask again until the answer is as wanted.
    pub async fn until<T>(&mut self, path: &str, what: &str, pick: impl Fn(&Value) -> Option<T>) -> T {
        let begun = tokio::time::Instant::now();
        loop {
            let answer = self.get(path).await;
            if let Some(found) = pick(&answer.body) {
                return found;
            }
            assert!(begun.elapsed() < DEADLINE, "no {what} within {DEADLINE:?}; last: {}", answer.body);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
