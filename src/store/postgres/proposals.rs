//! What agents answered, proposed as knowledge.

use super::documents;
use super::fault::Fault;
use super::rows::{self, int};
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use crate::store::{Proposal, ProposalState, Verdict};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Error};
use uuid::Uuid;

pub(super) async fn add(connection: &mut PgConnection, proposal: &Proposal) -> Result<bool, Fault> {
    let query = sqlx::query(
        "INSERT INTO proposal (id, chatbot, conversation, asked, question, answer, agent_name, made_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (conversation, asked) DO NOTHING",
    )
    .bind(proposal.id)
    .bind(proposal.chatbot.as_str())
    .bind(proposal.conversation.0)
    .bind(int(proposal.asked))
    .bind(&proposal.question)
    .bind(&proposal.answer)
    .bind(&proposal.agent_name)
    .bind(proposal.made_at.0)
    .bind(ProposalState::Open.as_str());
    Ok(rows::changed(connection, query).await? == 1)
}

pub(super) async fn open(
    connection: &mut PgConnection,
    chatbot: &ChatbotId,
    limit: usize,
) -> Result<Vec<Proposal>, Fault> {
    let query = sqlx::query(
        "SELECT id, chatbot, conversation, asked, question, answer, agent_name, made_at FROM proposal
         WHERE chatbot = $1 AND state = 'open' ORDER BY made_at, id LIMIT $2",
    );
    let found = rows::rows(connection, query.bind(chatbot.as_str()).bind(rows::limit(limit))).await?;
    let proposal = |row: &PgRow| {
        Ok(Proposal {
            id: rows::uuid(row, 0)?,
            chatbot: rows::chatbot(row, 1)?,
            conversation: rows::conversation(row, 2)?,
            asked: rows::seq(row, 3)?,
            question: rows::text(row, 4)?,
            answer: rows::text(row, 5)?,
            agent_name: rows::text(row, 6)?,
            made_at: rows::millis(row, 7)?,
        })
    };
    Ok(found.iter().map(proposal).collect::<Result<_, Error>>()?)
}

/// Of several who decide at once, the row's lock lets one be first; the others find it settled.
pub(super) async fn decide(
    connection: &mut PgConnection,
    chatbot: &ChatbotId,
    id: Uuid,
    verdict: &Verdict,
    now: UnixMillis,
) -> Result<bool, Fault> {
    let (state, question, answer) = match verdict {
        Verdict::Approve { question, answer, .. } => (ProposalState::Approved, Some(question), Some(answer)),
        Verdict::Reject => (ProposalState::Rejected, None, None),
    };
    let mut transaction = connection.begin().await?;
    let query = sqlx::query(
        "UPDATE proposal SET state = $3, decided_at = $4, question = coalesce($5, question), answer = coalesce($6, answer)
         WHERE id = $1 AND chatbot = $2 AND state = 'open'",
    )
    .bind(id)
    .bind(chatbot.as_str())
    .bind(state.as_str())
    .bind(now.0)
    .bind(question)
    .bind(answer);
    let settled = rows::changed(&mut transaction, query).await? == 1;
    if settled && let Verdict::Approve { document, id, line, .. } = verdict {
        documents::add_line(&mut transaction, chatbot, document, *id, line, now).await?;
    }
    transaction.commit().await?;
    Ok(settled)
}
