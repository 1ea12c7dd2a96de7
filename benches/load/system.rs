//! The two systems behind one face: started on a core with fresh data, asked for conversations of two sockets.

use crate::args::Args;
use crate::baton::Baton;
use crate::connection::{Connection, Reader};
use crate::dialect::Dialect;
use crate::process::Process;
use crate::socketio::SocketIo;
use anyhow::{Context, Result};
use std::rc::Rc;
use tokio::sync::Semaphore;

/// Upgrades and handshakes under way at once while a scenario is set up.
const AT_ONCE: usize = 64;

/// A conversation that is ready: what the first socket sends arrives at the second.
pub(crate) struct Pair {
    pub sender: Connection,
    pub other: Reader,
}

#[derive(Clone)]
pub(crate) enum System {
    Baton(Rc<Baton>),
    SocketIo(Rc<SocketIo>),
}

impl System {
    pub(crate) async fn start(dialect: Dialect, args: &Args) -> Result<Self> {
        Ok(match dialect {
            Dialect::Baton => Self::Baton(Rc::new(Baton::start(args, Some(args.server_core)).await?)),
            Dialect::SocketIo => Self::SocketIo(Rc::new(SocketIo::start(args).await?)),
        })
    }

    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::Baton(baton) => &baton.process,
            Self::SocketIo(relay) => &relay.process,
        }
    }

    async fn pair(&self, index: usize) -> Result<Pair> {
        match self {
            Self::Baton(baton) => baton.site.pair(index).await,
            Self::SocketIo(relay) => relay.pair(index).await,
        }
    }

    pub(crate) async fn pairs(&self, count: usize) -> Result<Vec<Pair>> {
        let system = self.clone();
        concurrently(count, move |index| {
            let system = system.clone();
            async move { system.pair(index).await }
        })
        .await
    }
}

/// Runs `make` for 0..count, a bounded number at once; the first error ends it.
pub(crate) async fn concurrently<T: 'static, F>(count: usize, make: impl Fn(usize) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<T>> + 'static,
{
    let room = Rc::new(Semaphore::new(AT_ONCE));
    let tasks: Vec<_> = (0..count)
        .map(|index| {
            let (room, work) = (Rc::clone(&room), make(index));
            tokio::task::spawn_local(async move {
                let _place = room.acquire().await?;
                work.await.with_context(|| format!("number {index}"))
            })
        })
        .collect();
    let mut made = Vec::with_capacity(count);
    for task in tasks {
        made.push(task.await??);
    }
    Ok(made)
}
