//! What agents answered, proposed as knowledge.

use super::chatbots::chatbot_id;
use super::fault::Fault;
use super::rows::{self, bytes, int};
use crate::domain::ids::{ChatbotId, ConversationId};
use crate::domain::time::UnixMillis;
use crate::store::{Proposal, ProposalState, Verdict};
use rusqlite::{Connection, params};
use uuid::Uuid;

pub(super) fn add(tx: &Connection, proposal: &Proposal) -> Result<bool, Fault> {
    let added = tx
        .prepare_cached(
            "INSERT INTO proposal (id, chatbot, conversation, asked, question, answer, agent_name, made_at, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (conversation, asked) DO NOTHING",
        )?
        .execute(params![
            bytes(&proposal.id),
            proposal.chatbot.as_str(),
            bytes(&proposal.conversation.0),
            int(proposal.asked),
            proposal.question,
            proposal.answer,
            proposal.agent_name,
            proposal.made_at.0,
            ProposalState::Open.as_str(),
        ])?;
    Ok(added == 1)
}

pub(super) fn open(connection: &Connection, chatbot: &ChatbotId, limit: usize) -> Result<Vec<Proposal>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, chatbot, conversation, asked, question, answer, agent_name, made_at FROM proposal
         WHERE chatbot = ?1 AND state = 'open' ORDER BY made_at, id LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let proposals = statement.query_map(params![chatbot.as_str(), limit], |row| {
        Ok(Proposal {
            id: rows::uuid(row, 0)?,
            chatbot: chatbot_id(row, 1)?,
            conversation: ConversationId(rows::uuid(row, 2)?),
            asked: rows::seq(row, 3)?,
            question: row.get(4)?,
            answer: row.get(5)?,
            agent_name: row.get(6)?,
            made_at: rows::millis(row, 7)?,
        })
    })?;
    Ok(proposals.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn decide(
    tx: &Connection,
    chatbot: &ChatbotId,
    id: Uuid,
    verdict: &Verdict,
    now: UnixMillis,
) -> Result<bool, Fault> {
    let (state, question, answer) = match verdict {
        Verdict::Approve { question, answer, .. } => (ProposalState::Approved, Some(question), Some(answer)),
        Verdict::Reject => (ProposalState::Rejected, None, None),
    };
    let settled = tx
        .prepare_cached(
            "UPDATE proposal SET state = ?3, decided_at = ?4, question = coalesce(?5, question), answer = coalesce(?6, answer)
             WHERE id = ?1 AND chatbot = ?2 AND state = 'open'",
        )?
        .execute(params![bytes(&id), chatbot.as_str(), state.as_str(), now.0, question, answer])?;
    if settled == 1
        && let Verdict::Approve { document, id, line, .. } = verdict
    {
        tx.prepare_cached(
            "INSERT INTO document (id, chatbot, name, text, updated_at)
             VALUES (?1, ?2, ?3, ?4, max(?5, (SELECT coalesce(max(updated_at) + 1, ?5) FROM document WHERE chatbot = ?2)))
             ON CONFLICT (chatbot, name) DO UPDATE SET text = document.text || excluded.text, updated_at = excluded.updated_at",
        )?
        .execute(params![bytes(id), chatbot.as_str(), document, line, now.0])?;
    }
    Ok(settled == 1)
}
