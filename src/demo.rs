//! The demo: a chatbot of a small shop that knows the shop, for the demo site and for trying things out.

use crate::ai::knowledge::MediaKind;
use crate::directory::Directory;
use crate::domain::ids::ChatbotId;
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use crate::store::{ChatbotRecord, DocumentRecord, Store};
use anyhow::Context as _;
use rust_embed::RustEmbed;
use uuid::Uuid;

const DEMO_CHATBOT: &str = "demo";

#[derive(RustEmbed)]
#[folder = "demo/knowledge/"]
struct DemoKnowledge;

/// Make the demo chatbot and its knowledge when it does not exist. An owner's later changes to it stay.
///
/// # Errors
/// When the store can't be written.
pub async fn prepare(store: &dyn Store, directory: &Directory) -> anyhow::Result<()> {
    let id: ChatbotId = DEMO_CHATBOT.parse().context("demo chatbot")?;
    if directory.get(&id).is_some() {
        return Ok(());
    }
    let workspace = store.first_workspace().await?.id;
    let mut settings = ChatbotSettings::new("Fernweh Bikes".into());
    settings.appearance.brand_color = "#0f6b5c".into();
    settings.appearance.greeting =
        "Hi, I'm the Fernweh assistant. Ask me about bikes, delivery, returns or repairs.".into();
    settings.appearance.starters =
        vec!["How long does delivery take?".into(), "Which frame size do I need?".into(), "When are you open?".into()];
    settings.notify_emails = vec!["support@fernweh.example".into()];
    for name in DemoKnowledge::iter().filter(|name| MediaKind::from_file_name(name).is_some()) {
        let Some(file) = DemoKnowledge::get(&name) else { continue };
        let text = String::from_utf8(file.data.into_owned()).with_context(|| format!("demo knowledge {name}"))?;
        let updated_at = UnixMillis(jiff::Timestamp::now().as_millisecond());
        let document =
            DocumentRecord { id: Uuid::now_v7(), chatbot: id.clone(), name: name.into_owned(), text, updated_at };
        store.put_document(document).await?;
    }
    // Last, because it is what says that the demo is made: a start that was killed on the way is made up for by the next.
    directory.add(ChatbotRecord { id: id.clone(), workspace, settings }).await?;
    directory.reload_knowledge(&id).await?;
    Ok(())
}
