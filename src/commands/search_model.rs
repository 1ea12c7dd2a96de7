//! The search model for a command that ends: read at once, nothing kept.

use super::knowledge::chain;
use crate::ai::embedding::{Model, ModelError};
use crate::ai::retrieval::{KnowledgeIndex, Meanings};
use crate::config::{AiConfig, SearchModel};
use std::sync::Arc;

/// Says on the standard error why there is none.
///
/// # Errors
/// When it is required and can't be opened.
pub(super) fn open(config: &AiConfig) -> Result<Option<Arc<Model>>, ModelError> {
    let why = match config.search_model {
        SearchModel::Off => "ai.search_model is off".to_owned(),
        SearchModel::IfPresent | SearchModel::Required => {
            match config.search_model_dir().ok_or(ModelError::NoFolder).and_then(|folder| Model::open(&folder)) {
                Ok(model) => return Ok(Some(Arc::new(model))),
                Err(error) if config.search_model == SearchModel::Required => return Err(error),
                Err(error) => chain(&error),
            }
        }
    };
    eprintln!("baton: searching by words alone: {why}");
    Ok(None)
}

/// `index` ranks by meaning from now on.
///
/// # Errors
/// When the model fails on a passage.
pub(super) fn read(index: &KnowledgeIndex, model: Arc<Model>) -> Result<(), ModelError> {
    let mut meanings = Meanings::new(Arc::clone(&model));
    for passage in 0..index.len() {
        for text in index.texts(passage) {
            meanings.push(passage, &model.passage(&text)?);
        }
    }
    index.understand(meanings);
    Ok(())
}
