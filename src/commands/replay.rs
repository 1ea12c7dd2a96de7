//! `baton replay`: exported conversations under the settings of now, message by message: where a human would be offered and why, and
//! where one was.

mod report;

use super::{ChatbotError, find_chatbot, search_model};
use crate::ai::embedding::{Model, ModelError};
use crate::ai::replay::{Answers, Moment, replay};
use crate::ai::retrieval::KnowledgeIndex;
use crate::config::AiConfig;
use crate::directory::read_knowledge;
use crate::domain::conversation::Event;
use crate::domain::ids::ChatbotId;
use crate::domain::settings::{ChatbotSettings, Provider};
use crate::store::transcript::{Transcript, TranscriptError, Transcripts};
use crate::store::{Store, StoreError};
pub use report::Form;
use report::Report;
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    #[error(transparent)]
    Chatbot(#[from] ChatbotError),
    #[error("database")]
    Store(#[from] StoreError),
    #[error("the search model")]
    Model(#[from] ModelError),
    #[error("can't write the report")]
    Output(#[from] std::io::Error),
}

/// Where it comes from whether the AI knew an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswersFrom {
    /// The knowledge base and the confidence of now: what the embedded responder would say.
    Knowledge,
    /// The export: what was said then.
    Export,
}

pub struct Options<'a> {
    /// Whose settings; `None` for those of each conversation's own chatbot.
    pub chatbot: Option<&'a str>,
    /// `None`: from the knowledge base, unless the chatbot has a model, which can't be asked again for nothing.
    pub answers: Option<AnswersFrom>,
    pub form: Form,
}

/// Replay the conversations of `input`, an export, and report them on `out`.
///
/// # Errors
/// When `input` is no export, a chatbot does not exist, the database can't be read or `out` not written. What came before is reported.
pub async fn run(
    store: &dyn Store,
    config: &AiConfig,
    input: impl BufRead,
    options: Options<'_>,
    out: &mut impl Write,
) -> Result<(), ReplayError> {
    let mut chatbots = HashMap::new();
    // Opened with the first knowledge base that is asked.
    let mut model = None;
    let mut report = Report::new(options.form, out);
    for transcript in Transcripts::new(input) {
        let transcript = transcript?;
        let id = options.chatbot.unwrap_or(own_chatbot(&transcript));
        if !chatbots.contains_key(id) {
            chatbots.insert(id.to_owned(), Chatbot::read(store, config, &mut model, id, options.answers).await?);
        }
        if let Some(chatbot) = chatbots.get(id) {
            report.conversation(transcript.conversation, &chatbot.id, &chatbot.replay(&transcript))?;
        }
    }
    Ok(report.end()?)
}

fn own_chatbot(transcript: &Transcript) -> &str {
    match transcript.events.first().map(|first| &first.event) {
        Some(Event::Started { chatbot, .. }) => chatbot.as_str(),
        _ => "",
    }
}

struct Chatbot {
    id: ChatbotId,
    settings: ChatbotSettings,
    /// `None`: answers are those of the export.
    knowledge: Option<Arc<KnowledgeIndex>>,
}

impl Chatbot {
    async fn read(
        store: &dyn Store,
        config: &AiConfig,
        model: &mut Option<Option<Arc<Model>>>,
        id: &str,
        answers: Option<AnswersFrom>,
    ) -> Result<Self, ReplayError> {
        let record = find_chatbot(store, id).await?;
        let default = match record.settings.ai.provider {
            Provider::Embedded => AnswersFrom::Knowledge,
            Provider::OpenAi | Provider::Anthropic => AnswersFrom::Export,
        };
        let knowledge = match answers.unwrap_or(default) {
            AnswersFrom::Knowledge => {
                let index = read_knowledge(store, &record.id).await?;
                if model.is_none() {
                    *model = Some(search_model::open(config)?);
                }
                if let Some(Some(model)) = model {
                    search_model::read(&index, Arc::clone(model))?;
                }
                Some(index)
            }
            AnswersFrom::Export => None,
        };
        Ok(Self { id: record.id, settings: record.settings, knowledge })
    }

    fn replay(&self, transcript: &Transcript) -> Vec<Moment> {
        let answers = self.knowledge.as_deref().map_or(Answers::AsStored, Answers::Again);
        replay(&transcript.events, &self.id, &self.settings, answers)
    }
}
