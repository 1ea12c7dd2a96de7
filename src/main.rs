//! The command line.

use anyhow::Context as _;
use baton::commands;
use baton::commands::export::{self, ExportError, Selection};
use baton::commands::replay::{self, AnswersFrom, Form, ReplayError};
use baton::config::Config;
use baton::domain::time::UnixMillis;
use baton::library;
use baton::startup::{self, Options};
use baton::store::sqlite::{self, SqliteStore, restore};
use baton::store::transfer::{Copied, transfer};
use baton::store::{self, postgres};
use baton::telemetry;
use clap::{Parser, Subcommand};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Baton: live chat from AI to human.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file; `config/baton.toml` when it is there.
    #[arg(long, global = true, env = "BATON_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        /// Make a demo chatbot with knowledge, and serve a demo site at /demo/.
        #[arg(long)]
        demo: bool,
    },
    /// Documents that a chatbot answers from. A running server notices changes within seconds.
    Knowledge {
        #[command(subcommand)]
        action: Knowledge,
    },
    /// Write stored conversations to standard output, one event a line (JSON). They hold what visitors wrote, and their addresses.
    Export {
        /// One conversation, by its id.
        #[arg(long)]
        conversation: Option<String>,
        /// All conversations of one chatbot.
        #[arg(long, conflicts_with = "conversation")]
        chatbot: Option<String>,
    },
    /// Show where exported conversations would be offered a human under the settings of now, and why, and where they were.
    Replay {
        /// What `export` wrote; standard input when it is left out or `-`.
        #[arg(default_value = "-")]
        file: PathBuf,
        /// Replay under the settings of this chatbot instead of the conversation's own.
        #[arg(long)]
        chatbot: Option<String>,
        /// Where it comes from whether the AI knew an answer. Left out: from the knowledge base, and from the export where the
        /// chatbot has a model.
        #[arg(long, value_enum)]
        answers: Option<AnswersFrom>,
        /// A table for people; what a terminal gets.
        #[arg(long)]
        table: bool,
        /// One JSON object a line; what a file or a program gets.
        #[arg(long, conflicts_with = "table")]
        json: bool,
    },
    /// Judge messages, without a server: one text or JSON object (`text`, `language`) a line on the standard input, one JSON object a
    /// line on the standard output.
    Detect,
    /// Answer questions from files, without a server: one question a line on the standard input, one JSON object a line on the standard output.
    Ask {
        /// A file, or a folder of them.
        #[arg(long)]
        knowledge: PathBuf,
        /// From this confidence on a question counts as answerable.
        #[arg(long, default_value_t = 0.5)]
        threshold: f32,
    },
    /// Write a copy of the database while the server runs.
    Backup {
        /// The file to write; it must not exist.
        to: PathBuf,
    },
    /// Put a backup in place of the database. The server must not run.
    Restore {
        /// A file that `backup` wrote.
        from: PathBuf,
    },
    /// Copy everything from the SQLite file to the empty PostgreSQL database of `data.url`. No node may run.
    MigrateData {
        /// The SQLite file, if it is not that of `data.dir`.
        #[arg(long)]
        from: Option<PathBuf>,
    },
    /// Make clients start over from a snapshot: after a database was restored by other means, such as pg_restore. No node may run.
    NewEpoch,
}

#[derive(Debug, Subcommand)]
enum Knowledge {
    /// Add a file, or every readable file of a folder; what is there under the same name is replaced.
    Import {
        /// The chatbot's id.
        #[arg(long)]
        chatbot: String,
        path: PathBuf,
    },
    /// List the documents.
    List {
        #[arg(long)]
        chatbot: String,
    },
    /// Remove a document.
    Remove {
        #[arg(long)]
        chatbot: String,
        /// As `list` shows it.
        name: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Before or without logging: the operator is at the terminal.
            eprintln!("baton: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(arguments.config.as_deref())?;
    telemetry::init(&config.log)?;
    match arguments.command {
        Command::Serve { demo } => actix_web::rt::System::new().block_on(serve(config, Options { demo })),
        Command::Knowledge { action } => actix_web::rt::System::new().block_on(knowledge(&config, action)),
        Command::Export { conversation, chatbot } => {
            let which = match (&conversation, &chatbot) {
                (Some(id), _) => Selection::One(id),
                (None, Some(id)) => Selection::OfChatbot(id),
                (None, None) => Selection::All,
            };
            actix_web::rt::System::new().block_on(export(&config, which))
        }
        Command::Replay { file, chatbot, answers, table, json } => {
            let form = if table || (!json && io::stdout().is_terminal()) { Form::Table } else { Form::JsonLines };
            let options = replay::Options { chatbot: chatbot.as_deref(), answers, form };
            actix_web::rt::System::new()
                .block_on(replay(&config, &file, options))
                .with_context(|| format!("replay {}", file.display()))
        }
        Command::Detect => Ok(commands::detect::detect(std::io::stdin().lock(), &mut std::io::stdout().lock())?),
        Command::Backup { to } => {
            anyhow::ensure!(config.data.postgres().is_none(), "the data is in PostgreSQL: back it up with pg_dump");
            actix_web::rt::System::new()
                .block_on(async { SqliteStore::open(&config.data.database())?.backup(to.clone()).await })
                .with_context(|| format!("backup to {}", to.display()))
        }
        Command::Restore { from } => {
            let elsewhere = "the data is in PostgreSQL: restore it with pg_restore, then run `baton new-epoch`";
            anyhow::ensure!(config.data.postgres().is_none(), elsewhere);
            restore(&from, &config.data.database())
                .map(|epoch| tracing::info!(%epoch, "restored; clients start over from a snapshot"))
                .with_context(|| format!("restore from {}", from.display()))
        }
        Command::MigrateData { from } => {
            let from = from.unwrap_or_else(|| config.data.database());
            let to =
                config.data.postgres().context("name the PostgreSQL database: set data.url, or BATON__DATA__URL")?;
            let copied = actix_web::rt::System::new()
                .block_on(transfer(&from, to))
                .with_context(|| format!("copy {} to PostgreSQL", from.display()))?;
            for Copied { table, digest } in copied {
                tracing::info!(table, rows = digest.rows, %digest, "copied and compared");
            }
            Ok(())
        }
        Command::NewEpoch => {
            let epoch = match config.data.postgres() {
                Some(url) => actix_web::rt::System::new().block_on(postgres::new_epoch(url))?,
                None => sqlite::new_epoch(&config.data.database())?,
            };
            tracing::info!(%epoch, "clients start over from a snapshot");
            Ok(())
        }
        Command::Ask { knowledge, threshold } => {
            let (questions, mut answers) = (std::io::stdin().lock(), std::io::stdout().lock());
            Ok(commands::ask::ask(&config.ai, &knowledge, threshold, questions, &mut answers)?)
        }
    }
}

async fn export(config: &Config, which: Selection<'_>) -> anyhow::Result<()> {
    let store = store::open(&config.data).await?;
    let mut out = BufWriter::new(io::stdout());
    match export::export(store.as_ref(), which, &mut out).await {
        // Whoever read it has seen enough.
        Err(ExportError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        end => Ok(end.map(drop)?),
    }
}

async fn replay(config: &Config, file: &Path, options: replay::Options<'_>) -> anyhow::Result<()> {
    let input: Box<dyn BufRead> = match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file)?)),
    };
    let store = store::open(&config.data).await?;
    let mut out = BufWriter::new(io::stdout());
    match replay::run(store.as_ref(), &config.ai, input, options, &mut out).await {
        Err(ReplayError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        end => Ok(end?),
    }
}

async fn knowledge(config: &Config, action: Knowledge) -> anyhow::Result<()> {
    let store = store::open(&config.data).await?;
    let (store, out) = (store.as_ref(), &mut io::stdout());
    match action {
        Knowledge::Import { chatbot, path } => {
            let now = UnixMillis(jiff::Timestamp::now().as_millisecond());
            let limit = library::document_limit(config.limits.document_bytes);
            commands::knowledge::import(store, &chatbot, &path, limit, now, out).await?;
        }
        Knowledge::List { chatbot } => commands::knowledge::list(store, &chatbot, out).await?,
        Knowledge::Remove { chatbot, name } => commands::knowledge::remove(store, &chatbot, &name).await?,
    }
    Ok(())
}

async fn serve(config: Config, options: Options) -> anyhow::Result<()> {
    let running = startup::build(config, options).await?;
    print_addresses(&running, options);
    running.until_stopped().await
}

/// What somebody who has just started Baton needs to see.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print_addresses(running: &startup::Running, options: Options) {
    let url = &running.public_url;
    println!("Baton is running at {url}");
    if options.demo {
        println!("  demo site   {url}demo/");
        println!("  chat page   {url}chat/demo");
    }
    println!("  console     {url}");
    if let Some(link) = &running.setup_link {
        println!("  first login {link}");
        println!("              (works once; it makes you the owner)");
    }
}
