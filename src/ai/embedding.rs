//! What a text means, as a direction in 384 dimensions: a small language model (decision 0011), run in this process.
//!
//! The model's files are not part of Baton. `make model` fetches them, [`Embedder::load`] takes them only when their checksums
//! are those of `scripts/model.sha256`. Without them the index ranks by words alone.

mod cache;
mod model;
mod reader;
mod vectors;
mod word_piece;

pub use cache::VectorCache;
pub use model::Model;
pub use reader::{KnowledgeReader, ModelStatus};
pub use vectors::{Vector, Vectors};

use rten::{NodeId, RunOptions, ThreadPool, Value};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use word_piece::WordPiece;

/// The files and their sums, as `sha256sum` writes them; `scripts/model.sh` reads the same list.
const FILES: &str = include_str!("../../scripts/model.sha256");

pub const DIMENSIONS: usize = 384;

/// A question is read up to here, which bounds the time of an answer.
const QUESTION_PIECES: usize = 64;
/// A passage: about 900 characters, half as much again as running text is cut to.
const PASSAGE_PIECES: usize = 192;
/// Threads for questions, of all conversations together. Passages have one of their own, so that nobody waits for an import.
const QUESTION_THREADS: usize = 2;

/// Names the model and how text is put into it: a vector of another recipe compares with none of this one.
pub fn recipe() -> [u8; 32] {
    Sha256::digest(format!("1 {PASSAGE_PIECES}\n{FILES}")).into()
}

/// Why there is no model. The text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("there is no home folder to look for the model in; set ai.search_model_dir")]
    NoFolder,
    #[error("the model file {} is missing; `make model` fetches it", .0.display())]
    Missing(PathBuf),
    #[error("the model file {} is not the one Baton was made for: its SHA-256 is {found}; `make model` fetches the right one", path.display())]
    Checksum { path: PathBuf, found: String },
    #[error("the model file {} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the model can't be used: {0}")]
    Unusable(String),
    #[error("the model computes other values on this processor than it should (likeness {0:.3})")]
    WrongValues(f32),
    #[error("the model failed on a text: {0}")]
    Run(String),
}

pub struct Embedder {
    model: rten::Model,
    /// Pieces, attention, segment: the order in which they are fed.
    inputs: [NodeId; 3],
    output: NodeId,
    words: WordPiece,
    for_questions: Arc<ThreadPool>,
    for_passages: Arc<ThreadPool>,
}

impl Embedder {
    /// Reads the model from its folder. Takes a fifth of a second.
    ///
    /// # Errors
    /// When a file is missing or another one than the pinned, or the model does not run here as it should.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let vocabulary = pinned(folder, "vocab.txt")?;
        let vocabulary = String::from_utf8(vocabulary).map_err(|error| ModelError::Unusable(error.to_string()))?;
        let words =
            WordPiece::new(&vocabulary).ok_or_else(|| ModelError::Unusable("a vocabulary without marks".into()))?;
        let unusable = |error: &dyn std::error::Error| ModelError::Unusable(error.to_string());
        let model = rten::Model::load(pinned(folder, "model.onnx")?).map_err(|error| unusable(&error))?;
        let node = |name| model.node_id(name).map_err(|error| unusable(&error));
        let inputs = [node("input_ids")?, node("attention_mask")?, node("token_type_ids")?];
        let output = node("last_hidden_state")?;
        let pool = |threads| Arc::new(ThreadPool::with_num_threads(threads));
        let embedder =
            Self { inputs, output, words, for_questions: pool(QUESTION_THREADS), for_passages: pool(1), model };
        embedder.check()?;
        Ok(embedder)
    }

    /// # Errors
    /// When the model fails.
    pub fn question(&self, text: &str) -> Result<Vector, ModelError> {
        self.embed(text, QUESTION_PIECES, &self.for_questions)
    }

    /// # Errors
    /// When the model fails.
    pub fn passage(&self, text: &str) -> Result<Vector, ModelError> {
        self.embed(text, PASSAGE_PIECES, &self.for_passages)
    }

    /// How a passage is put into the model; for comparing with the reference.
    pub fn pieces(&self, text: &str) -> Vec<i32> {
        self.words.encode(text, PASSAGE_PIECES)
    }

    /// One text at a time: the model scales its inner numbers by the largest of a batch, so that in company a text would get
    /// another vector than alone; and on two cores a batch is hardly faster.
    fn embed(&self, text: &str, limit: usize, pool: &Arc<ThreadPool>) -> Result<Vector, ModelError> {
        let pieces = self.words.encode(text, limit);
        let length = pieces.len();
        let failed = |error: &dyn std::error::Error| ModelError::Run(error.to_string());
        let row = |values: Vec<i32>| Value::from_shape(&[1, length], values).map_err(|error| failed(&error));
        let [ids, attention, segment] = self.inputs;
        let inputs = vec![
            (ids, row(pieces)?.into()),
            (attention, row(vec![1; length])?.into()),
            (segment, row(vec![0; length])?.into()),
        ];
        let mut options = RunOptions::default();
        options.thread_pool = Some(Arc::clone(pool));
        let [output] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|error| failed(&error))?;
        let (shape, states) = output.into_shape_vec::<f32, 3>().map_err(|error| failed(&error))?;
        if shape != [1, length, DIMENSIONS] {
            return Err(ModelError::Run(format!("its output has the shape {shape:?}")));
        }
        let mut mean = [0.0_f32; DIMENSIONS];
        for state in states.chunks_exact(DIMENSIONS) {
            mean.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
        }
        Ok(Vector::new(&mean))
    }

    /// Arithmetic of eight bits differs between processors, and a wrong kernel says nothing: so one known pair is compared.
    fn check(&self) -> Result<(), ModelError> {
        let alike = self.question("Where is my parcel?")?.likeness(&self.question("My package has not arrived.")?);
        let unlike = self.question("Where is my parcel?")?.likeness(&self.question("Whales sing under water.")?);
        agrees(alike, unlike)
    }
}

/// What the reference runtime gives for the pairs of `check`.
const REFERENCE_ALIKE: f32 = 0.542;
const REFERENCE_UNLIKE: f32 = -0.041;
const TOLERANCE: f32 = 0.06;

fn agrees(alike: f32, unlike: f32) -> Result<(), ModelError> {
    let is_near = (alike - REFERENCE_ALIKE).abs() <= TOLERANCE && (unlike - REFERENCE_UNLIKE).abs() <= TOLERANCE;
    if is_near { Ok(()) } else { Err(ModelError::WrongValues(alike)) }
}

/// Whether all files are there and are the pinned ones, without keeping them in memory.
fn verify(folder: &Path) -> Result<(), ModelError> {
    for (_, name) in FILES.lines().filter_map(|line| line.split_once("  ")) {
        let path = folder.join(name);
        let mut file = std::fs::File::open(&path).map_err(|error| unreadable(&path, error))?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            match file.read(&mut piece).map_err(|error| unreadable(&path, error))? {
                0 => break,
                count => hash.update(&piece[..count]),
            }
        }
        compare(&path, name, &hash.finalize())?;
    }
    Ok(())
}

fn pinned(folder: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
    compare(&path, name, &Sha256::digest(&bytes))?;
    Ok(bytes)
}

fn unreadable(path: &Path, source: std::io::Error) -> ModelError {
    match source.kind() {
        std::io::ErrorKind::NotFound => ModelError::Missing(path.to_owned()),
        _ => ModelError::Unreadable { path: path.to_owned(), source },
    }
}

fn compare(path: &Path, name: &str, sum: &[u8]) -> Result<(), ModelError> {
    let found = hex(sum);
    let is_right =
        FILES.lines().filter_map(|line| line.split_once("  ")).any(|(sum, file)| file == name && sum == found);
    if is_right { Ok(()) } else { Err(ModelError::Checksum { path: path.to_owned(), found }) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
