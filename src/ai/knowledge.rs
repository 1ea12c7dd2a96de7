//! What a chatbot knows: documents cut into passages that read well as a chat reply.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub id: String,
    pub document: String,
    pub title: String,
    pub heading_path: Vec<String>,
    pub questions: Vec<String>,
    pub text: String,
    pub url: Option<String>,
}
