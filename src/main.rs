//! The command line.

use anyhow::Context as _;
use baton::config::Config;
use baton::startup::{self, Options};
use baton::store::sqlite::{SqliteStore, restore};
use baton::telemetry;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
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
        Command::Backup { to } => actix_web::rt::System::new()
            .block_on(async { SqliteStore::open(&config.data.database())?.backup(to.clone()).await })
            .with_context(|| format!("backup to {}", to.display())),
        Command::Restore { from } => restore(&from, &config.data.database())
            .map(|epoch| tracing::info!(%epoch, "restored; clients start over from a snapshot"))
            .with_context(|| format!("restore from {}", from.display())),
    }
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
