//! A running `baton-echo` and what can be seen of it from outside.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PAGE_BYTES: usize = 4096;

pub(super) struct EchoServer {
    process: Child,
    address: SocketAddr,
}

#[derive(Debug, Clone)]
pub(super) struct Flood {
    pub(super) refused_pushes: usize,
    pub(super) longest_push: Duration,
}

impl EchoServer {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_baton-echo"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("baton-echo starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("its address");
        let address = line.trim().parse().expect("an address");
        Self { process, address }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn resident_bytes(&self) -> usize {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id())).expect("statm");
        let pages: usize = statm.split(' ').nth(1).expect("resident").parse().expect("a number");
        pages * PAGE_BYTES
    }

    pub(super) fn open_descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).expect("descriptors").count()
    }

    pub(super) fn floods(&self) -> Vec<Flood> {
        let flood = |line: &str| {
            let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
            Flood { refused_pushes: numbers[1] as usize, longest_push: Duration::from_micros(numbers[2]) }
        };
        self.get("/floods").lines().map(flood).collect()
    }

    pub(super) fn wait_for_no_session(&self) {
        let start = Instant::now();
        while self.get("/sessions") != "0" {
            assert!(start.elapsed() < Duration::from_secs(10), "a session outlives its connection");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn get(&self, path: &str) -> String {
        let mut socket = TcpStream::connect(self.address).expect("connect");
        write!(socket, "GET {path} HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n").expect("request");
        let mut response = String::new();
        socket.read_to_string(&mut response).expect("response");
        response.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
