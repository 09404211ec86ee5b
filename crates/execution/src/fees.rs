//! What a transaction costs: the same for whoever estimates it and whoever charges it.

use crate::{
    problem::{Problem, Stop},
    record::Mark,
    run::Run,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{Amount, BundleAction, Holder, MessageKind, Operation, Prices, Transaction, encoding};

impl<S: Snapshot> Run<'_, S> {
    /// Charges the transaction that began at `mark`, after its credits: the chain first, then the author.
    pub(crate) fn charge(&mut self, transaction: &Transaction, mark: &Mark) -> Result<(), Stop> {
        let price = self.price(transaction, mark)?;
        if price.is_zero() {
            return Ok(());
        }
        let by_chain = System(&self.entries).balance(&Holder::Chain)?.min(price);
        self.debit(Holder::Chain, by_chain)?;
        let rest = price.saturating_sub(by_chain);
        if !rest.is_zero() {
            let author = self.block.author.ok_or(Problem::NoAuthor)?;
            self.debit(Holder::Owner(author), rest)?;
        }
        let mut system = System(&mut self.entries);
        let fees = system.fees()?.checked_add(price).ok_or(Problem::Overflow { holder: Holder::Chain })?;
        system.set_fees(fees);
        Ok(())
    }

    fn price(&self, transaction: &Transaction, mark: &Mark) -> Result<Amount, Problem> {
        let prices = &self.environment.policy.prices;
        let own = match transaction {
            Transaction::Execute(operation) if is_free(operation) => return Ok(Amount::ZERO),
            Transaction::Execute(operation) => self.price_of_operation(operation, prices),
            Transaction::Receive(incoming) if incoming.action == BundleAction::Accept => Some(Amount::ZERO),
            Transaction::Receive(_) | Transaction::Skip { .. } => return Ok(Amount::ZERO),
        };
        let messages =
            self.record.messages_since(mark).iter().filter(|sent| sent.message.kind != MessageKind::Bouncing);
        let messages =
            messages.map(|sent| linear(prices.message, prices.message_byte, encoding::size_of(&sent.message)));
        messages
            .chain([own])
            .try_fold(Amount::ZERO, |sum, price| sum.checked_add(price?))
            .ok_or(Problem::Overflow { holder: Holder::Chain })
    }

    fn price_of_operation(&self, operation: &Operation, prices: &Prices) -> Option<Amount> {
        let base = linear(prices.operation, prices.operation_byte, encoding::size_of(operation))?;
        let extra = match operation {
            Operation::OpenChain(_) => Some(prices.chain),
            Operation::PublishBlob(blob) => {
                let bytes = self.environment.blob_sizes.get(blob).copied().unwrap_or_default();
                prices.blob_byte.checked_mul(bytes)?.checked_add(prices.blob)
            }
            _ => Some(Amount::ZERO),
        };
        base.checked_add(extra?)
    }
}

/// Leaving is always possible, also for those who have nothing.
fn is_free(operation: &Operation) -> bool {
    matches!(operation, Operation::CloseChain | Operation::Epoch(_))
}

fn linear(base: Amount, per_byte: Amount, bytes: usize) -> Option<Amount> {
    per_byte.checked_mul(bytes as u64)?.checked_add(base)
}
