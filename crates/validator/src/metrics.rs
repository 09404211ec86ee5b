//! What a validator counts, in Prometheus' text form. Fed by groups that became durable; rules know nothing of it.

use myceline_client::local::Durable;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The validator's metrics.
pub struct Metrics {
    registry: Registry,
    blocks: Counter,
    votes: Counter,
    steps: Counter,
    group_size: Histogram,
    commit_seconds: Histogram,
    subscribers: Gauge,
}

/// Bounds of the time that a commit takes: an idle disk needs a third of a millisecond, a busy one tens.
const COMMIT_SECONDS: [f64; 10] = [0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25];
/// Bounds of how many steps share a group.
const GROUP_SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("myceline_validator");
        let metrics = Metrics {
            blocks: Counter::default(),
            votes: Counter::default(),
            steps: Counter::default(),
            group_size: Histogram::new(GROUP_SIZES),
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            subscribers: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("blocks", "Certified blocks committed", metrics.blocks.clone());
        registry.register("votes", "Votes signed", metrics.votes.clone());
        registry.register("steps", "Steps of chains made durable", metrics.steps.clone());
        registry.register("group_size", "Steps that share a commit", metrics.group_size.clone());
        let commit = metrics.commit_seconds.clone();
        registry.register_with_unit("commit", "Time to make a group durable", Unit::Seconds, commit);
        registry.register("subscribers", "Open subscriptions", metrics.subscribers.clone());
        Metrics { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts a group that became durable.
    pub fn observe(&self, durable: &Durable<'_>) {
        self.blocks.inc_by(durable.commits.blocks.len() as u64);
        self.votes.inc_by(durable.votes.len() as u64);
        self.steps.inc_by(durable.steps as u64);
        self.group_size.observe(durable.steps as f64);
        self.commit_seconds.observe(durable.took.as_secs_f64());
    }

    /// The text that Prometheus reads.
    pub fn render(&self, subscribers: usize) -> String {
        self.subscribers.set(i64::try_from(subscribers).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing into a string does not fail");
        text
    }
}
