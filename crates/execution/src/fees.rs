//! What a transaction costs: the same for whoever estimates it and whoever charges it, and kept by what it is for.

use crate::{
    meter::Meter,
    problem::{Problem, Stop},
    record::Mark,
    run::Run,
    system::System,
};
use myceline_state::Snapshot;
use myceline_types::{
    Amount, BlobId, BundleAction, ChainId, Holder, Message, MessageContent, MessageKind, Operation, Prices,
    SystemMessage, Transaction, encoding,
};

/// What a block costs: what its applications use, and the price of everything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    /// What its applications use.
    pub used: Meter,
    /// The prices.
    pub bill: Bill,
}

/// Prices by what they are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bill {
    /// Operations, with the blobs that they publish and the chains that they open.
    pub operations: Amount,
    /// Messages sent.
    pub messages: Amount,
    /// Events emitted.
    pub events: Amount,
    /// Fuel burnt by contracts.
    pub fuel: Amount,
    /// Reads and writes of state, and of what others published.
    pub storage: Amount,
    /// Questions to the web and to services.
    pub oracles: Amount,
}

impl Bill {
    /// All of it; `None` where that cannot be counted.
    pub fn total(&self) -> Option<Amount> {
        let Bill { operations, messages, events, fuel, storage, oracles } = *self;
        Amount::checked_sum([operations, messages, events, fuel, storage, oracles])
    }

    /// This and another one.
    pub fn checked_add(self, other: Bill) -> Option<Bill> {
        Some(Bill {
            operations: self.operations.checked_add(other.operations)?,
            messages: self.messages.checked_add(other.messages)?,
            events: self.events.checked_add(other.events)?,
            fuel: self.fuel.checked_add(other.fuel)?,
            storage: self.storage.checked_add(other.storage)?,
            oracles: self.oracles.checked_add(other.oracles)?,
        })
    }
}

impl<S: Snapshot> Run<'_, S> {
    /// Charges the transaction that began at `mark`, after its credits: what came to pay for it first, then the chain, then the
    /// author. What is left of a grant goes back.
    pub(crate) fn charge(
        &mut self,
        transaction: &Transaction,
        mark: &Mark,
        used: Meter,
        grants: Option<(ChainId, Amount)>,
    ) -> Result<(), Stop> {
        let bill = self.bill(transaction, mark, used)?;
        let overflow = Problem::Overflow { holder: Holder::Chain };
        self.bill = self.bill.checked_add(bill).ok_or(overflow.clone())?;
        let price = bill.total().ok_or(overflow)?;
        let granted = grants.map_or(Amount::ZERO, |(_, amount)| amount);
        let by_grant = granted.min(price);
        self.pay(price.saturating_sub(by_grant))?;
        self.collect(price)?;
        match grants {
            Some((origin, _)) if granted > by_grant => self.give_back(origin, granted.saturating_sub(by_grant)),
            _ => Ok(()),
        }
    }

    /// Takes from the chain, and what it lacks from the author.
    fn pay(&mut self, price: Amount) -> Result<(), Stop> {
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
        Ok(())
    }

    fn collect(&mut self, price: Amount) -> Result<(), Stop> {
        if price.is_zero() {
            return Ok(());
        }
        let mut system = System(&mut self.entries);
        let fees = system.fees()?.checked_add(price).ok_or(Problem::Overflow { holder: Holder::Chain })?;
        system.set_fees(fees);
        Ok(())
    }

    fn give_back(&mut self, origin: ChainId, amount: Amount) -> Result<(), Stop> {
        let credit = SystemMessage::Credit { target: Holder::Chain, amount, source: Holder::Chain };
        let content = MessageContent::System(credit);
        self.send(origin, Message { kind: MessageKind::Tracked, authority: None, content })
    }

    fn bill(&self, transaction: &Transaction, mark: &Mark, used: Meter) -> Result<Bill, Problem> {
        let prices = &self.environment.policy.prices;
        let own = match transaction {
            Transaction::Execute(operation) if is_free(operation) => return Ok(Bill::default()),
            Transaction::Execute(operation) => self.price_of_operation(operation, prices),
            Transaction::Receive(incoming) if incoming.action == BundleAction::Accept => Some(Amount::ZERO),
            Transaction::Receive(_) | Transaction::Skip { .. } => return Ok(Bill::default()),
        };
        self.bill_of(own, mark, used, prices).ok_or(Problem::Overflow { holder: Holder::Chain })
    }

    fn bill_of(&self, own: Option<Amount>, mark: &Mark, used: Meter, prices: &Prices) -> Option<Bill> {
        let messages =
            self.record.messages_since(mark).iter().filter(|sent| sent.message.kind != MessageKind::Bouncing);
        let messages =
            messages.map(|sent| linear(prices.message, prices.message_byte, encoding::size_of(&sent.message)));
        let events = self.record.events_since(mark).iter();
        let events = events.map(|event| linear(prices.event, prices.event_byte, event.value.0.len()));
        let known = Bill { operations: own?, messages: sum(messages)?, events: sum(events)?, ..Bill::default() };
        known.checked_add(used.bill(prices)?)
    }

    fn price_of_operation(&self, operation: &Operation, prices: &Prices) -> Option<Amount> {
        let base = linear(prices.operation, prices.operation_byte, encoding::size_of(operation))?;
        let extra = match operation {
            Operation::OpenChain(_) => Some(prices.chain),
            Operation::PublishBlob(blob) => self.price_of_blob(*blob, prices),
            Operation::PublishModule(module) => {
                let contract = self.price_of_blob(module.contract_blob(), prices)?;
                contract.checked_add(self.price_of_blob(module.service_blob(), prices)?)
            }
            _ => Some(Amount::ZERO),
        };
        base.checked_add(extra?)
    }

    fn price_of_blob(&self, blob: BlobId, prices: &Prices) -> Option<Amount> {
        let bytes = self.environment.world.offered(blob).map_or(0, |blob| blob.bytes.0.len());
        linear(prices.blob, prices.blob_byte, bytes)
    }
}

/// Leaving is always possible, also for those who have nothing.
fn is_free(operation: &Operation) -> bool {
    matches!(operation, Operation::CloseChain | Operation::Epoch(_))
}

fn sum(prices: impl IntoIterator<Item = Option<Amount>>) -> Option<Amount> {
    prices.into_iter().try_fold(Amount::ZERO, |sum, price| sum.checked_add(price?))
}

fn linear(base: Amount, per_byte: Amount, bytes: usize) -> Option<Amount> {
    per_byte.checked_mul(bytes as u64)?.checked_add(base)
}
