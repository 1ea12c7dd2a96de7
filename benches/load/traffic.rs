//! Messages in flight. Every conversation is two sockets and a number of the next message; acknowledgements and deliveries
//! must come in exactly that order, so a lost, repeated or swapped message is counted as a fault, not averaged away.

use crate::connection::{Connection, ConnectionError, Reader, Writer};
use crate::dialect::{Dialect, Seen, Template};
use crate::frame;
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What all conversations of one run count together.
pub(crate) struct Tally {
    pub dialect: Dialect,
    recording: Cell<bool>,
    ack: RefCell<Histogram<u64>>,
    delivery: RefCell<Histogram<u64>>,
    /// Messages whose acknowledgement and delivery both came while recording.
    completed: Cell<u64>,
    in_flight: Cell<u64>,
    faults: Cell<u64>,
    first_fault: RefCell<Option<String>>,
}

impl Tally {
    pub(crate) fn new(dialect: Dialect) -> Rc<Self> {
        Rc::new(Self {
            dialect,
            recording: Cell::new(false),
            ack: RefCell::new(microseconds()),
            delivery: RefCell::new(microseconds()),
            completed: Cell::new(0),
            in_flight: Cell::new(0),
            faults: Cell::new(0),
            first_fault: RefCell::default(),
        })
    }

    /// Begin to record, forgetting what was recorded before, or stop.
    pub(crate) fn record(&self, recording: bool) {
        if recording {
            self.ack.borrow_mut().reset();
            self.delivery.borrow_mut().reset();
            self.completed.set(0);
        }
        self.recording.set(recording);
    }

    pub(crate) fn completed(&self) -> u64 {
        self.completed.get()
    }

    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.get()
    }

    pub(crate) fn fault(&self, what: impl FnOnce() -> String) {
        self.faults.set(self.faults.get() + 1);
        self.first_fault.borrow_mut().get_or_insert_with(what);
    }

    /// An error when anything went wrong: figures of a run with faults are not figures.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        match &*self.first_fault.borrow() {
            None => Ok(()),
            Some(first) => anyhow::bail!("{}: {} faults, the first: {first}", self.dialect.name(), self.faults.get()),
        }
    }

    pub(crate) fn ack_quantile(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.ack.borrow().value_at_quantile(quantile))
    }

    pub(crate) fn delivery_quantile(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.delivery.borrow().value_at_quantile(quantile))
    }
}

fn microseconds() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 120_000_000, 3).expect("1 µs to 2 min at three digits is a histogram")
}

/// A sender and how far its messages got.
pub(crate) struct Conversation {
    tally: Rc<Tally>,
    writer: Rc<Writer>,
    template: Template,
    /// Messages kept in flight; 0 while somebody else decides when to send.
    window: Cell<u64>,
    progress: RefCell<Progress>,
}

/// Which of its two sockets a frame came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Sender,
    Other,
}

#[derive(Default)]
struct Progress {
    sent: u64,
    acked: u64,
    delivered: u64,
    /// When the messages from `min(acked, delivered)` on were due.
    due: VecDeque<Instant>,
}

impl Conversation {
    /// Takes over the two sockets of a conversation; `index` must be unique in the run.
    pub(crate) fn start(
        tally: &Rc<Tally>,
        index: usize,
        text_length: usize,
        sender: Connection,
        other: Reader,
    ) -> Rc<Self> {
        let conversation = Rc::new(Self {
            tally: Rc::clone(tally),
            writer: sender.writer,
            template: Template::new(tally.dialect, index, text_length),
            window: Cell::new(0),
            progress: RefCell::default(),
        });
        tokio::task::spawn_local(Rc::clone(&conversation).follow(sender.reader, End::Sender));
        tokio::task::spawn_local(Rc::clone(&conversation).follow(other, End::Other));
        conversation
    }

    /// Keeps `window` messages in flight from now on.
    pub(crate) fn keep_in_flight(self: &Rc<Self>, window: u64) {
        self.window.set(window);
        self.top_up();
    }

    /// Sends one message that was due at `due`; lateness of the generator counts as latency.
    pub(crate) fn send(self: &Rc<Self>, due: Instant) {
        self.send_many(1, due);
    }

    async fn follow(self: Rc<Self>, mut reader: Reader, end: End) {
        loop {
            let mut moved = false;
            let read = reader.read(|payload| moved |= self.on_frame(payload, end)).await;
            if let Err(error) = read {
                self.on_end(&error);
                return;
            }
            if moved {
                self.top_up();
            }
        }
    }

    /// Whether the frame made room in the window.
    fn on_frame(self: &Rc<Self>, payload: &[u8], end: End) -> bool {
        match self.tally.dialect.read(payload) {
            Seen::Ack(number) => {
                let mut progress = self.progress.borrow_mut();
                if number != progress.acked || number >= progress.sent {
                    let expected = progress.acked;
                    self.tally.fault(|| format!("ack of message {number}, expected {expected}"));
                    return false;
                }
                self.measure(&self.tally.ack, &progress, number);
                progress.acked += 1;
                self.settle(&mut progress)
            }
            // The hub tells the sender's socket too, for its other tabs' sake; that is not the delivery that counts.
            Seen::Delivered(_) if end == End::Sender => false,
            Seen::Delivered(number) => {
                let mut progress = self.progress.borrow_mut();
                if number != progress.delivered || number >= progress.sent {
                    let expected = progress.delivered;
                    self.tally.fault(|| format!("delivery of message {number}, expected {expected}"));
                    return false;
                }
                self.measure(&self.tally.delivery, &progress, number);
                progress.delivered += 1;
                self.settle(&mut progress)
            }
            Seen::Refused => {
                self.tally.fault(|| format!("refused: {}", String::from_utf8_lossy(payload)));
                false
            }
            Seen::Ping | Seen::Other => false,
        }
    }

    fn measure(&self, histogram: &RefCell<Histogram<u64>>, progress: &Progress, number: u64) {
        if !self.tally.recording.get() {
            return;
        }
        let first = progress.acked.min(progress.delivered);
        if let Some(due) = progress.due.get((number - first) as usize) {
            histogram.borrow_mut().saturating_record(due.elapsed().as_micros() as u64);
        }
    }

    /// Forgets the oldest message when both its ends came.
    fn settle(&self, progress: &mut Progress) -> bool {
        let settled = progress.acked.min(progress.delivered);
        let kept = (progress.sent - settled) as usize;
        if progress.due.len() == kept {
            return false;
        }
        progress.due.pop_front();
        self.tally.in_flight.set(self.tally.in_flight.get() - 1);
        if self.tally.recording.get() {
            self.tally.completed.set(self.tally.completed.get() + 1);
        }
        true
    }

    fn top_up(self: &Rc<Self>) {
        let in_flight = self.progress.borrow().due.len() as u64;
        let missing = self.window.get().saturating_sub(in_flight);
        if missing > 0 {
            self.send_many(missing, Instant::now());
        }
    }

    fn send_many(self: &Rc<Self>, count: u64, due: Instant) {
        thread_local! {
            static OUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let mut progress = self.progress.borrow_mut();
        let written = OUT.with_borrow_mut(|out| {
            out.clear();
            for number in progress.sent..progress.sent + count {
                frame::write(out, frame::TEXT, |out| self.template.fill(number, out));
            }
            self.writer.write(out)
        });
        if let Err(error) = written {
            self.tally.fault(|| format!("write: {error}"));
            return;
        }
        progress.sent += count;
        progress.due.extend(std::iter::repeat_n(due, count as usize));
        self.tally.in_flight.set(self.tally.in_flight.get() + count);
    }

    fn on_end(&self, error: &ConnectionError) {
        self.tally.fault(|| format!("a connection ended: {error}"));
    }
}
