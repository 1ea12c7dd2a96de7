use super::*;

fn passage(title: &str, questions: &[&str], text: &str) -> Passage {
    Passage {
        id: title.to_lowercase().replace(' ', "-"),
        document: "test".into(),
        title: title.into(),
        heading_path: Vec::new(),
        questions: questions.iter().map(|q| (*q).to_owned()).collect(),
        text: text.into(),
        url: None,
    }
}
