//! A guest's answers as bytes in its memory, laid out by hand as the canonical ABI says. Done here
//! and not by the code under test, so that the two can disagree.

/// Where images start in a guest's memory; the guest's heap starts at 0x100000.
pub const BASE: u32 = 0x1000;

/// Memory under construction.
pub struct Image {
    /// What is laid out so far.
    pub bytes: Vec<u8>,
}

/// A list or a text: address and length.
#[derive(Clone, Copy)]
pub struct Slice(u32, u32);

/// What a reason, a rule and a manifest consist of, by default an honest one.
#[derive(Clone)]
pub struct Manifest {
    /// Plugin id.
    pub id: String,
    /// The version that it names.
    pub version: String,
    /// Hooks, by their number in the contract.
    pub hooks: Vec<u8>,
    /// Entities.
    pub entities: Vec<String>,
    /// Declared fields.
    pub fields: Vec<String>,
    /// Declared facts.
    pub facts: Vec<String>,
    /// Declared attributes.
    pub attributes: Vec<String>,
    /// Declared bound attributes.
    pub bound: Vec<String>,
    /// Declared reference tables.
    pub references: Vec<String>,
    /// JSON Schema of its settings.
    pub schema: String,
    /// Reason codes.
    pub codes: Vec<String>,
}

/// A node of a condition.
pub enum Node {
    /// A field.
    Field(&'static str),
    /// A fact with its arguments.
    Fact(&'static str, Vec<&'static str>),
    /// A bound attribute.
    Context(&'static str),
    /// A text.
    Text(&'static str),
    /// An integer.
    Integer(i64),
    /// Equality.
    Eq,
    /// Greater or equal.
    Ge,
    /// A conjunction.
    All(u32),
    /// A shared condition.
    Shared(u32),
}

/// An effect, by its number in the contract.
#[derive(Clone, Copy)]
pub enum Effect {
    /// Notes.
    Flag = 1,
    /// Nulls fields.
    Mask = 2,
    /// Hides the record.
    Hide = 3,
    /// Refuses the request.
    Refuse = 4,
    /// Withholds aggregates over fewer than three records.
    MinGroup = 5,
    /// Rejects a write.
    Reject = 6,
    /// Puts to sleep.
    MakeDormant = 7,
    /// Makes anonymous.
    Anonymise = 8,
    /// Destroys.
    Erase = 9,
    /// Stops what destroys.
    Hold = 10,
}

/// A part of a target.
#[derive(Clone)]
pub enum Selector {
    /// The record.
    Row,
    /// A field.
    Field(&'static str),
    /// Every personal field.
    Personal,
}

/// A rule.
pub struct Rule {
    /// The condition, in postfix order.
    pub when: Vec<Node>,
    /// What it does.
    pub effect: Effect,
    /// To what.
    pub target: Vec<Selector>,
    /// Its reason.
    pub code: &'static str,
}

/// An answer of `plan`.
#[derive(Default)]
pub struct Plan {
    /// Shared conditions.
    pub shared: Vec<Vec<Node>>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Whether it wants to judge.
    pub judge: Option<Judge>,
}

/// A request to judge.
pub struct Judge {
    /// Columns that are fields.
    pub fields: Vec<String>,
    /// Columns that are facts.
    pub facts: Vec<(&'static str, Vec<&'static str>)>,
    /// What it may say.
    pub verdicts: Vec<(Effect, Vec<Selector>, &'static str)>,
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            id: "honest".to_owned(),
            version: "1.0.0".to_owned(),
            hooks: vec![0, 1, 2, 3],
            entities: strings(&["contact", "deal"]),
            fields: strings(&["country", "email"]),
            facts: strings(&["consent.status", "subject.country"]),
            attributes: strings(&["purpose.key"]),
            bound: strings(&["ctx.actor.id"]),
            references: vec![],
            schema: r#"{"type":"object","properties":{"days":{"type":"integer","minimum":1,"description":"Days to wait."}},"additionalProperties":false}"#
                .to_owned(),
            codes: strings(&["TST-01"]),
        }
    }
}

impl Default for Image {
    fn default() -> Self {
        Self::new()
    }
}

impl Image {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Puts bytes at an aligned address and says where.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        while !self.bytes.len().is_multiple_of(8) {
            self.bytes.push(0);
        }
        let at = BASE + self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        at
    }

    fn text(&mut self, text: &str) -> Slice {
        Slice(self.put(text.as_bytes()), text.len() as u32)
    }

    fn list(&mut self, items: Vec<Vec<u8>>) -> Slice {
        let at = self.put(&items.concat());
        Slice(at, items.len() as u32)
    }

    fn texts<S: AsRef<str>>(&mut self, texts: &[S]) -> Slice {
        let items = texts.iter().map(|text| self.text(text.as_ref()).record()).collect();
        self.list(items)
    }

    /// Lays out a manifest, returns its address.
    pub fn manifest(&mut self, manifest: &Manifest) -> u32 {
        let (english, french) = (self.text("Some words").record(), self.text("").record());
        let words = [english, french].concat();
        let article = self.text("GDPR 6").record();
        let mut reasons = Vec::new();
        for code in &manifest.codes {
            let code = self.text(code).record();
            reasons.push([code, words.clone(), words.clone(), words.clone(), article.clone()].concat());
        }
        let hooks = Slice(self.put(&manifest.hooks), manifest.hooks.len() as u32);
        let record = [
            self.text(&manifest.id).record(),
            self.text(&manifest.version).record(),
            words.clone(),
            words,
            hooks.record(),
            self.texts(&manifest.entities).record(),
            self.texts(&manifest.fields).record(),
            self.texts(&manifest.facts).record(),
            self.texts(&manifest.attributes).record(),
            self.texts(&manifest.bound).record(),
            self.texts(&manifest.references).record(),
            self.text(&manifest.schema).record(),
            self.list(reasons).record(),
        ]
        .concat();
        self.put(&record)
    }

    /// Lays out an answer of `plan`, returns its address.
    pub fn plan(&mut self, plan: &Plan) -> u32 {
        let shared = plan.shared.iter().map(|nodes| self.nodes(nodes)).collect();
        let shared = self.list(shared).record();
        let mut rules = Vec::new();
        for rule in &plan.rules {
            let when = self.nodes(&rule.when);
            let target = self.target(&rule.target);
            let code = self.text(rule.code).record();
            rules.push([when, effect(rule.effect), target, code, Slice(8, 0).record()].concat());
        }
        let rules = self.list(rules).record();
        let judge = match &plan.judge {
            None => vec![0; 28],
            Some(judge) => {
                let facts = judge.facts.iter().map(|(name, args)| self.fact(name, args)).collect();
                let mut verdicts = Vec::new();
                for (what, target, code) in &judge.verdicts {
                    let (target, code) = (self.target(target), self.text(code).record());
                    verdicts.push([effect(*what), target, code].concat());
                }
                let fields = self.texts(&judge.fields).record();
                [tag(1), fields, self.list(facts).record(), self.list(verdicts).record()].concat()
            }
        };
        self.put(&[tag(0), shared, rules, judge].concat())
    }

    fn nodes(&mut self, nodes: &[Node]) -> Vec<u8> {
        let nodes = nodes.iter().map(|node| self.node(node)).collect();
        self.list(nodes).record()
    }

    fn fact(&mut self, name: &str, args: &[&str]) -> Vec<u8> {
        [self.text(name).record(), self.texts(args).record()].concat()
    }

    fn target(&mut self, selectors: &[Selector]) -> Vec<u8> {
        let items = selectors
            .iter()
            .map(|selector| match selector {
                Selector::Row => [tag(0), vec![0; 8]].concat(),
                Selector::Field(name) => [tag(1), self.text(name).record()].concat(),
                Selector::Personal => [tag(7), vec![0; 8]].concat(),
            })
            .collect();
        [self.list(items).record(), tag(0)].concat()
    }

    /// 24 bytes: the case, then 16 bytes of payload at offset 8.
    fn node(&mut self, node: &Node) -> Vec<u8> {
        let (case, mut payload) = match node {
            Node::Field(name) => (0, self.text(name).record()),
            Node::Fact(name, args) => (1, self.fact(name, args)),
            Node::Context(name) => (3, self.text(name).record()),
            Node::Text(text) => (4, [4_u64.to_le_bytes().to_vec(), self.text(text).record()].concat()),
            Node::Integer(number) => (4, [2_u64.to_le_bytes().to_vec(), number.to_le_bytes().to_vec()].concat()),
            Node::Eq => (7, vec![]),
            Node::Ge => (12, vec![]),
            Node::All(count) => (18, count.to_le_bytes().to_vec()),
            Node::Shared(place) => (21, place.to_le_bytes().to_vec()),
        };
        payload.resize(16, 0);
        [u64::to_le_bytes(case).to_vec(), payload].concat()
    }
}

impl Slice {
    fn record(self) -> Vec<u8> {
        [self.0.to_le_bytes(), self.1.to_le_bytes()].concat()
    }
}

/// A case in four bytes.
fn tag(case: u32) -> Vec<u8> {
    case.to_le_bytes().to_vec()
}

/// 12 bytes; a mask is always the null mask, a group always of three.
fn effect(effect: Effect) -> Vec<u8> {
    let payload = if matches!(effect, Effect::MinGroup) { 3 } else { 0 };
    [tag(effect as u32), tag(payload), vec![0; 4]].concat()
}
