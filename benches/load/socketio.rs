//! The socket.io relay in `benches/peers/socketio`, spoken to in Engine.IO 4 over WebSocket.

use crate::args::Args;
use crate::connection::{Connection, Endpoint};
use crate::process::{Process, free_address};
use crate::system::Pair;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) struct SocketIo {
    pub process: Process,
    address: SocketAddr,
    _folder: TempDir,
}

impl SocketIo {
    pub(crate) async fn start(args: &Args) -> Result<Self> {
        if !args.peer.join("node_modules/socket.io").exists() {
            bail!("the relay's packages are missing: run `npm ci` in {}", args.peer.display());
        }
        let folder = TempDir::new_in(&args.data)?;
        let address = free_address()?;
        let mut command = Command::new("node");
        command
            .arg("server.js")
            .current_dir(&args.peer)
            .env("PORT", address.port().to_string())
            .env("NODE_ENV", "production");
        let mut process = Process::start(&command, Some(args.server_core), &folder.path().join("log"))?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::fs::read_to_string(folder.path().join("log"))?.trim() != "ready" {
            if process.ended()? || Instant::now() > deadline {
                bail!("the relay did not start: {}", std::fs::read_to_string(folder.path().join("log"))?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, address, _folder: folder })
    }

    pub(crate) async fn pair(&self, index: usize) -> Result<Pair> {
        let other = self.connect(index, index).await.context("second socket")?;
        let sender = self.connect(index, index).await.context("first socket")?;
        Ok(Pair { sender, other: other.reader })
    }

    /// A socket in the room of `conversation`.
    pub(crate) async fn connect(&self, index: usize, conversation: usize) -> Result<Connection> {
        let endpoint = Endpoint {
            server: self.address,
            path: "/socket.io/?EIO=4&transport=websocket".into(),
            headers: String::new(),
            receive_buffer: None,
        };
        let mut connection = Connection::open(&endpoint, index).await?;
        connection.reader.wait_for("the Engine.IO open", |payload| payload.starts_with(b"0{").then_some(())).await?;
        // As long as Baton's ids, so that the frames are of the same size.
        connection.writer.text(&format!(r#"40{{"conversation":"{conversation:08x}-0000-7000-8000-000000000000"}}"#))?;
        connection.reader.wait_for("the Socket.IO connect", |payload| payload.starts_with(b"40").then_some(())).await?;
        Ok(connection)
    }
}
