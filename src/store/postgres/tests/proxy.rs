//! A TCP proxy before PostgreSQL that loses what it is told to lose.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::thread;
use std::time::Duration;

/// What becomes of the server's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Answers {
    Pass,
    /// The next answer is thrown away, and its connection cut.
    Swallow,
    /// The next answer arrives but for its last message, "ready for query", which is what says that the commit is done; then its
    /// connection is cut.
    SwallowLastMessage,
    /// Nothing goes either way and no connection is closed: a cut network.
    Stall,
    /// Each answer is late.
    Slow,
    /// Connections are closed, and new ones as well.
    Refuse,
}

const LATE: Duration = Duration::from_millis(30);

pub(super) struct Proxy {
    port: u16,
    server: Arc<AtomicU16>,
    answers: Arc<AtomicU8>,
}

impl Proxy {
    pub(super) fn before(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        let answers = Arc::new(AtomicU8::new(Answers::Pass as u8));
        let shared = Arc::clone(&answers);
        let port = Arc::new(AtomicU16::new(port));
        let target = Arc::clone(&port);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.load(Ordering::SeqCst) == Answers::Refuse as u8 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", target.load(Ordering::SeqCst))) else { continue };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let answers = Arc::clone(&shared);
                thread::spawn(move || requests(from, to, &answers));
                let answers = Arc::clone(&shared);
                thread::spawn(move || pass_answers(server, client, &answers));
            }
        });
        Self { port: own, server: port, answers }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// New connections go to another server.
    pub(super) fn point_to(&self, port: u16) {
        self.server.store(port, Ordering::SeqCst);
    }

    pub(super) fn url(&self, direct: &str) -> String {
        let (rest, database) = direct.rsplit_once('/').unwrap();
        let (user, _) = rest.rsplit_once(':').unwrap();
        format!("{user}:{}/{database}", self.port)
    }

    pub(super) fn set(&self, answers: Answers) {
        self.answers.store(answers as u8, Ordering::SeqCst);
    }

    /// Whether the loss that was asked for has happened.
    pub(super) fn has_lost(&self) -> bool {
        self.answers.load(Ordering::SeqCst) == Answers::Pass as u8
    }
}

fn requests(mut from: TcpStream, mut to: TcpStream, answers: &AtomicU8) {
    let mut buffer = [0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !may_pass(answers) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// False when the connection is to be closed.
fn may_pass(answers: &AtomicU8) -> bool {
    while answers.load(Ordering::SeqCst) == Answers::Stall as u8 {
        thread::sleep(Duration::from_millis(5));
    }
    answers.load(Ordering::SeqCst) != Answers::Refuse as u8
}

fn pass_answers(mut from: TcpStream, mut to: TcpStream, answers: &AtomicU8) {
    const READY: [u8; 5] = [b'Z', 0, 0, 0, 5];
    let mut buffer = [0; 64 << 10];
    let lose = |which: Answers| {
        answers.compare_exchange(which as u8, Answers::Pass as u8, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    };
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if lose(Answers::Swallow) || !may_pass(answers) {
            break;
        }
        if answers.load(Ordering::SeqCst) == Answers::Slow as u8 {
            thread::sleep(LATE);
        }
        let answer = &buffer[..length];
        let ends = answer.len() >= 6 && answer[answer.len() - 6..].starts_with(&READY);
        if ends && lose(Answers::SwallowLastMessage) {
            let _ = to.write_all(&answer[..answer.len() - 6]);
            break;
        }
        if to.write_all(answer).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
