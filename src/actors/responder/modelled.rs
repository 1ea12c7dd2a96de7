//! Answers and summaries worded by the chatbot's model.

use super::spend::Reserved;
use super::{Answer, Summarise, utf16_length};
use crate::actors::conversation::{Execute, Reply, StillOwed, StreamText};
use crate::actors::hub::Hub;
use crate::ai::answer::asks_who_answers;
use crate::ai::knowledge::Passage;
use crate::ai::prompt::{self, Ground, NO_ANSWER, Prompt};
use crate::ai::providers::{Endpoint, Meter, ProviderError};
use crate::ai::safety;
use crate::domain::conversation::{Command, Recorded, Source};
use crate::domain::ids::{ConversationId, Seq};
use crate::store::StoreError;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// Passages that a model reads.
const PASSAGES: usize = 6;
/// Latest events that a model reads.
const HISTORY: usize = 120;
/// Pieces are gathered for so long, so that a fast model does not cost a frame per token.
const GATHER: Duration = Duration::from_millis(60);
/// How often is looked whether the answer is still wanted, while nothing of it has come.
const LOOK: Duration = Duration::from_millis(250);
/// An answer may be what marks "I don't know"; until it is longer than that nothing is shown.
const HELD_BACK: usize = NO_ANSWER.len() + 4;
/// Longest text that the log takes, in characters.
const LONGEST: usize = 8_000;
const LONGEST_SUMMARY: usize = 1_000;

pub(super) enum Modelled {
    /// The chatbot has no model, or this is no question for one.
    NotAsked,
    Answered {
        text: String,
        sources: Vec<Source>,
    },
    DoesNotKnow,
    /// The model failed, or must not be asked any more today.
    Failed,
    /// A human, a newer message or the end came first.
    Unwanted,
}

pub(super) async fn answer(hub: &Hub, asked: &Answer) -> Modelled {
    let chatbot = &asked.chatbot;
    if asks_who_answers(&asked.question) {
        return Modelled::NotAsked;
    }
    let endpoint = match hub.providers.endpoint(&chatbot.id, &chatbot.settings.ai) {
        Ok(None) => return Modelled::NotAsked,
        Ok(Some(endpoint)) => endpoint,
        Err(error) => {
            hub.providers.healths.failed(&chatbot.id, &error, hub.now());
            return Modelled::Failed;
        }
    };
    let (prompt, ground) = match prompt_for(hub, asked).await {
        Ok(made) => made,
        Err(error) => {
            tracing::error!(error = ?error, "reading a conversation for the model failed");
            return Modelled::Failed;
        }
    };
    let reserved = match Reserved::for_a_call(hub, chatbot, &asked.about, &prompt).await {
        Ok(Some(reserved)) => reserved,
        Ok(None) => return Modelled::Failed,
        // What can't be counted may not be spent.
        Err(error) => {
            tracing::error!(error = ?error, "tokens can't be reserved");
            return Modelled::Failed;
        }
    };
    let mut stage = Stage { asked, allowed: &ground.allowed, raw: String::new(), shown: String::new(), jammed: false };
    let mut meter = Meter::default();
    let end = with_pieces(hub, &endpoint, &prompt, &mut stage, &mut meter).await;
    reserved.settle(hub, &meter).await;
    let judged = end.and_then(|text| fit(&text, &ground.allowed));
    match judged {
        Ok(text) => {
            hub.providers.healths.succeeded(&chatbot.id, hub.now());
            match text {
                Some(text) => Modelled::Answered { text, sources: ground.sources },
                None => Modelled::DoesNotKnow,
            }
        }
        Err(ProviderError::Unwanted) => Modelled::Unwanted,
        Err(error) => {
            hub.providers.healths.failed(&chatbot.id, &error, hub.now());
            Modelled::Failed
        }
    }
}

/// A model's summary for the team, when there is a model.
pub(super) async fn summarise(hub: Hub, asked: Summarise) {
    let Summarise { conversation, chatbot, about, handoff } = asked;
    let Ok(Some(endpoint)) = hub.providers.endpoint(&chatbot.id, &chatbot.settings.ai) else { return };
    let Ok(history) = history(&hub, about.conversation).await else { return };
    let prompt = prompt::summary(&chatbot.settings.name, &history);
    let Ok(Some(reserved)) = Reserved::for_a_call(&hub, &chatbot, &about, &prompt).await else { return };
    let mut meter = Meter::default();
    let (pieces, mut ignored) = mpsc::channel(16);
    let drain = async { while ignored.recv().await.is_some() {} };
    let (end, ()) = tokio::join!(hub.providers.ask(&endpoint, &prompt, pieces, &mut meter), drain);
    reserved.settle(&hub, &meter).await;
    match end {
        Ok(text) => {
            // Agents read it as words, so no address is one of the team's.
            let summary = safety::sanitise(text.trim(), &HashSet::new());
            let summary = summary.chars().take(LONGEST_SUMMARY).collect();
            let command = Command::Summarise { handoff, summary };
            let _told = conversation.send(Execute { command, reply: Reply::Nobody }).await;
        }
        Err(error) => hub.providers.healths.failed(&chatbot.id, &error, hub.now()),
    }
}

/// The text that may be shown; `None` when the model does not know.
fn fit(text: &str, allowed: &HashSet<String>) -> Result<Option<String>, ProviderError> {
    if text.trim().trim_matches(['.', '"', '`', '*']).starts_with(NO_ANSWER) {
        return Ok(None);
    }
    if safety::claims_to_be_human(text) {
        return Err(ProviderError::Unfit);
    }
    // Cut first: nothing may be taken out of what is safe, for that can make an address of what is left.
    let cut: String = text.replace(NO_ANSWER, "").trim().chars().take(LONGEST).collect();
    let safe = safety::sanitise(&cut, allowed).trim().to_owned();
    if safe.is_empty() { Err(ProviderError::Unfit) } else { Ok(Some(safe)) }
}

/// What the answer rests on.
struct Rests {
    sources: Vec<Source>,
    allowed: HashSet<String>,
}

async fn prompt_for(hub: &Hub, asked: &Answer) -> Result<(Prompt, Rests), StoreError> {
    let history = history(hub, asked.about.conversation).await?;
    let knowledge = std::sync::Arc::clone(&asked.chatbot.knowledge);
    let mut query = asked.question.clone();
    for more in asked.hints.iter().chain(&asked.previous_question) {
        query.push('\n');
        query.push_str(more);
    }
    let question = asked.question.clone();
    let search = move || {
        let mut found: Vec<Passage> = Vec::new();
        let hits = knowledge.search(&question, PASSAGES / 2).into_iter().chain(knowledge.search(&query, PASSAGES));
        for hit in hits {
            if found.len() < PASSAGES && !found.contains(hit.passage) {
                found.push(hit.passage.clone());
            }
        }
        found
    };
    let place = hub.search_places.acquire().await;
    let passages = actix_rt::task::spawn_blocking(search).await.unwrap_or_else(|panicked| {
        tracing::error!(error = %panicked, "searching for a model failed");
        Vec::new()
    });
    drop(place);
    let chatbot = &asked.chatbot.settings;
    let borrowed: Vec<&Passage> = passages.iter().collect();
    let prompt = prompt::answer(&Ground {
        chatbot: &chatbot.name,
        instructions: &chatbot.ai.instructions,
        passages: &borrowed,
        history: &history,
        hints: &asked.hints,
    });
    let mut allowed = HashSet::new();
    for passage in &passages {
        allowed.extend(passage.url.iter().flat_map(|url| safety::addresses_in(url)).map(str::to_owned));
        allowed.extend(safety::addresses_in(&passage.text).map(str::to_owned));
    }
    let mut sources: Vec<Source> = Vec::new();
    for passage in passages.into_iter().take(3) {
        let source = Source { title: passage.title, url: passage.url };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    Ok((prompt, Rests { sources, allowed }))
}

async fn history(hub: &Hub, conversation: ConversationId) -> Result<Vec<Recorded>, StoreError> {
    hub.store.read_before(conversation, Seq(i64::MAX as u64), HISTORY).await
}

/// Ask, and show what comes. Ends at once, and with it the request, when the answer is not wanted any more.
async fn with_pieces(
    hub: &Hub,
    endpoint: &Endpoint,
    prompt: &Prompt,
    stage: &mut Stage<'_>,
    meter: &mut Meter,
) -> Result<String, ProviderError> {
    let (sender, mut pieces) = mpsc::channel(64);
    let mut ask = std::pin::pin!(hub.providers.ask(endpoint, prompt, sender, meter));
    let mut look = tokio::time::interval(LOOK);
    let mut show = tokio::time::interval(GATHER);
    show.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut news = false;
    loop {
        tokio::select! {
            end = &mut ask => {
                while let Ok(piece) = pieces.try_recv() {
                    stage.raw.push_str(&piece);
                }
                return end;
            }
            Some(piece) = pieces.recv() => {
                stage.raw.push_str(&piece);
                news = true;
            }
            _ = show.tick(), if news => {
                news = false;
                if !stage.show().await {
                    return Err(ProviderError::Unwanted);
                }
            }
            _ = look.tick() => {
                let wanted = stage.asked.conversation.send(StillOwed { turn: stage.asked.turn }).await;
                if !matches!(wanted, Ok(true)) {
                    return Err(ProviderError::Unwanted);
                }
            }
        }
    }
}

/// What the visitor has been shown of a growing answer.
struct Stage<'a> {
    asked: &'a Answer,
    allowed: &'a HashSet<String>,
    raw: String,
    shown: String,
    /// What was shown is no longer the start of the answer: the whole answer replaces it in the end.
    jammed: bool,
}

impl Stage<'_> {
    /// Show what has settled since. False when it is not wanted any more.
    async fn show(&mut self) -> bool {
        let start = self.raw.trim_start();
        if self.jammed || start.len() <= HELD_BACK || start.contains(NO_ANSWER) {
            return true;
        }
        let safe = safety::sanitise_start(start, self.allowed);
        if safety::claims_to_be_human(&safe) {
            self.jammed = true;
            return true;
        }
        let Some(more) = safe.strip_prefix(&self.shown).filter(|more| !more.is_empty()) else {
            self.jammed = !safe.is_empty() && !self.shown.starts_with(&safe);
            return true;
        };
        let (turn, from) = (self.asked.turn, utf16_length(&self.shown));
        let piece = StreamText { turn, from, text: more.to_owned() };
        let wanted = matches!(self.asked.conversation.send(piece).await, Ok(true));
        self.shown = safe;
        wanted
    }
}
