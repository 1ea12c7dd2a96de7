use super::*;
use crate::ai::knowledge::{KnowledgeDocument, MediaKind, parse};
use crate::domain::conversation::AgentRef;
use crate::domain::ids::AgentId;
use crate::domain::settings::Trigger;
use proptest::prelude::*;

fn shop() -> ChatbotId {
    "shop".parse().unwrap()
}

/// A conversation as live makes it, under settings of its own.
struct Live {
    settings: ChatbotSettings,
    state: Conversation,
    log: Vec<Recorded>,
    keys: u128,
}

impl Live {
    fn new(settings: ChatbotSettings) -> Self {
        Self { settings, state: Conversation::default(), log: Vec::new(), keys: 1 << 64 }
    }

    fn run(&mut self, command: Command) {
        let at = UnixMillis(self.log.last().map_or(0, |last| last.at.0 + 10));
        for event in decide(&self.state, command, &self.settings).unwrap_or_default() {
            let recorded = Recorded { seq: self.state.seq().next(), at, event };
            evolve(&mut self.state, &recorded);
            self.log.push(recorded);
        }
    }

    fn key(&mut self) -> ClientMessageId {
        self.keys += 1;
        ClientMessageId(Uuid::from_u128(self.keys))
    }

    fn says(&mut self, text: &str) {
        let signals = listen(&self.state, text, &self.settings);
        let (key, visitor, context) = (self.key(), VisitorId(Uuid::nil()), Arc::default());
        self.run(Command::VisitorPost { chatbot: shop(), visitor, context, key, text: text.to_owned(), signals });
    }

    fn ai(&mut self, outcome: TurnOutcome) {
        if let Some(turn) = self.state.turn() {
            self.run(Command::SettleTurn { turn, outcome });
        }
    }

    fn presses(&mut self) {
        self.run(Command::RequestHandoff { chatbot: shop(), visitor: VisitorId(Uuid::nil()), context: Arc::default() });
    }

    fn replayed(&self, answers: Answers<'_>) -> Vec<Moment> {
        replay(&self.log, &shop(), &self.settings, answers)
    }
}

fn settings() -> ChatbotSettings {
    ChatbotSettings::new("Shop".into())
}

fn knew() -> TurnOutcome {
    TurnOutcome::Answered { text: "Two days.".into(), sources: Vec::new() }
}

fn knowledge() -> KnowledgeIndex {
    let text = "# How long does delivery take?\n\nDelivery takes two to four working days.\n";
    let (id, name) = ("faq.md".to_owned(), "faq.md".to_owned());
    let document = KnowledgeDocument { id, name, kind: MediaKind::Markdown, text: text.to_owned(), url: None };
    KnowledgeIndex::new(parse(&document).unwrap())
}

const MESSAGES: [&str; 8] = [
    "How long does delivery take?",
    "Can I talk to a real person?",
    "this is useless, you are not helping",
    "yes please",
    "no thanks",
    "I need a REFUND NOW",
    "hello",
    "my frame cracked",
];

#[derive(Debug, Clone, Copy)]
enum Step {
    Says(usize),
    Knows,
    DoesNotKnow,
    Fails,
    Presses,
    Declines,
    Cancels,
    Accepts,
    AgentWrites,
    HandsBack,
    Ends,
    Reopens,
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    prop_oneof![
        6 => (0..MESSAGES.len()).prop_map(Says),
        3 => Just(Knows),
        3 => Just(DoesNotKnow),
        1 => Just(Fails),
        1 => Just(Presses),
        1 => Just(Declines),
        1 => Just(Cancels),
        1 => Just(Accepts),
        1 => Just(AgentWrites),
        1 => Just(HandsBack),
        1 => Just(Ends),
        1 => Just(Reopens),
    ]
}

fn trigger() -> impl Strategy<Value = Trigger> {
    prop_oneof![Just(Trigger::Off), Just(Trigger::AskFirst), Just(Trigger::AtOnce)]
}

fn any_settings() -> impl Strategy<Value = ChatbotSettings> {
    let limit = prop::option::of(1_u32..4);
    (any::<bool>(), [(); 4].map(|()| trigger()), limit, 0_u32..4, any::<bool>()).prop_map(
        |(enabled, [words, frustration, cannot, keywords], turn_limit, quiet, answers_while_waiting)| {
            let mut settings = settings();
            let handoff = &mut settings.handoff;
            handoff.enabled = enabled;
            handoff.on_words = words;
            handoff.on_frustration = frustration;
            handoff.on_cannot_answer = cannot;
            handoff.on_keywords = keywords;
            handoff.keywords = vec!["cracked".into()];
            handoff.turn_limit = turn_limit;
            handoff.quiet_messages = quiet;
            handoff.ai_answers_while_waiting = answers_while_waiting;
            settings
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the settings and whatever happened: replayed under the settings that it was made under, a log tells itself.
    #[test]
    fn under_its_own_settings_a_replay_is_what_happened(settings in any_settings(), steps in prop::collection::vec(step(), 1..30)) {
        let agent = || AgentRef { id: AgentId(Uuid::from_u128(9)), name: "Ada".into() };
        let mut live = Live::new(settings);
        for step in steps {
            match step {
                Step::Says(message) => live.says(MESSAGES[message]),
                Step::Knows => live.ai(knew()),
                Step::DoesNotKnow => live.ai(TurnOutcome::Unsure),
                Step::Fails => live.ai(TurnOutcome::Failed),
                Step::Presses => live.presses(),
                Step::Declines => live.run(Command::DeclineHandoff),
                Step::Cancels => live.run(Command::CancelHandoff),
                Step::Accepts => live.run(Command::Accept { agent: agent() }),
                Step::AgentWrites => {
                    let key = live.key();
                    live.run(Command::Interject { agent: agent(), key, text: "One moment".into() });
                }
                Step::HandsBack => live.run(Command::HandBack { agent: agent() }),
                Step::Ends => live.run(Command::EndByVisitor),
                Step::Reopens => live.run(Command::Accept { agent: agent() }),
            }
        }
        for moment in live.replayed(Answers::AsStored) {
            prop_assert_eq!(moment.would, moment.did, "{:?} in {:#?}", moment, live.log);
        }
    }
}

#[test]
fn an_offer_that_would_have_been_made_quiets_those_after_it() {
    let mut live = Live::new(ChatbotSettings { handoff: Default::default(), ..settings() });
    live.settings.handoff.enabled = false;
    for _ in 0..5 {
        live.says("this is useless, you are not helping");
        live.ai(knew());
    }
    live.settings.handoff.enabled = true;
    let would: Vec<_> = live.replayed(Answers::AsStored).iter().map(|moment| moment.would.is_some()).collect();
    assert_eq!(would, [true, false, false, false, true]);
}

#[test]
fn the_knowledge_of_now_decides_whether_an_answer_is_known() {
    let mut live = Live::new(settings());
    live.says("How long does delivery take?");
    live.ai(TurnOutcome::Unsure);
    live.says("What is the melting point of tungsten carbide?");
    live.ai(knew());
    let index = knowledge();
    let moments = live.replayed(Answers::Again(&index));
    let told: Vec<_> = moments.iter().map(|moment| (moment.answered, moment.why)).collect();
    assert_eq!(told, [(Some(Knew::Sure), None), (Some(Knew::Unsure), Some(Why::Unsure))]);
    let then: Vec<_> = live.replayed(Answers::AsStored).iter().map(|moment| moment.why).collect();
    assert_eq!(then, [Some(Why::Unsure), None]);
}

#[test]
fn what_the_ai_was_not_asked_then_it_is_asked_now() {
    let mut live = Live::new(settings());
    live.settings.handoff.on_words = Trigger::AtOnce;
    live.says("Can I talk to a real person?");
    live.settings.handoff.on_words = Trigger::Off;
    let index = knowledge();
    let moments = live.replayed(Answers::Again(&index));
    assert_eq!((moments[0].answered, moments[0].why), (Some(Knew::Unsure), Some(Why::Unsure)));
    assert_eq!(moments[0].did.map(|did| did.reason), Some(HandoffReason::Words));
    let unknown = &live.replayed(Answers::AsStored)[0];
    assert_eq!((unknown.answered, unknown.would), (None, None), "nobody knows what it would have said");
}

/// A message that the next one overtook was never answered, and is not answered now.
#[test]
fn an_overtaken_message_has_no_answer() {
    let mut live = Live::new(settings());
    live.says("What is the melting point of tungsten carbide?");
    live.says("How long does delivery take?");
    live.ai(knew());
    live.says("What is tungsten?");
    let index = knowledge();
    let answered: Vec<_> = live.replayed(Answers::Again(&index)).iter().map(|moment| moment.answered).collect();
    assert_eq!((answered[0], answered[2]), (None, None));
    assert!(answered[1].is_some());
}
