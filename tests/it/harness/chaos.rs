//! A TCP proxy that misbehaves on request. On a thread of its own, so that a test that blocks does not stall it.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// Connections end, new ones are refused.
    Cut,
    /// Connections stand and nothing comes through.
    Stall,
    /// What the client sends arrives; answers don't.
    OneWay,
}

pub struct ChaosProxy {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    _stop: oneshot::Sender<()>,
}

impl ChaosProxy {
    pub async fn start(target: SocketAddr) -> Self {
        let (mode, modes) = watch::channel(Mode::Pass);
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, address) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("free port");
                sender.send(listener.local_addr().expect("address")).expect("the test waits");
                tokio::select! {
                    () = accept(listener, target, modes) => {}
                    // Also when the proxy is dropped.
                    _ = stopped => {}
                }
            });
        });
        Self { address: address.await.expect("started"), mode, _stop: stop }
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, modes: watch::Receiver<Mode>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if *modes.borrow() == Mode::Cut {
            continue;
        }
        let Ok(server) = TcpStream::connect(target).await else { continue };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::spawn(copy(from_client, to_server, modes.clone(), |mode| mode != Mode::Stall));
        tokio::spawn(copy(from_server, to_client, modes.clone(), |mode| mode == Mode::Pass));
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, modes: watch::Receiver<Mode>, lets: fn(Mode) -> bool) {
    let (mut cut, mut gate) = (modes.clone(), modes);
    let pass = async {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
            if gate.wait_for(|mode| lets(*mode)).await.is_err() || to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = pass => {}
        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}
