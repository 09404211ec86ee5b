//! How a mock answers each question.

use super::{Call, NewApplication, Query, World};
use myceline_state::{Batch, Snapshot};
use myceline_types::{
    Account, Amount, Blob, Holder, Owner,
    encoding::{self, Opaque},
    guest::{Asked, KeyRange},
};
use serde::Serialize;
use std::{collections::VecDeque, fmt::Debug, ops::Bound};

/// An answer of a question, as bytes.
fn says<T: Serialize>(answer: T) -> Vec<u8> {
    encoding::to_bytes(&answer)
}

/// The answer of what was done for its effect.
fn done<T>(_before: T) -> Vec<u8> {
    says(())
}

impl World {
    #[expect(clippy::unit_arg, reason = "what is done for its effect is answered by the unit that it gives")]
    pub(super) fn answer(&mut self, asked: Asked) -> Vec<u8> {
        match asked {
            Asked::GetFacts(()) => says(&self.facts),
            Asked::GetCall(()) => says(&self.call),
            Asked::GetParameters(()) => says(Opaque(self.parameters.clone())),
            Asked::DescribeApplication(id) => says(known(self.applications.get(&id), id)),
            Asked::Panic(text) => panic!("{text}"),
            Asked::Log(line) => says(self.log.push(line)),
            Asked::RemainingFuel(()) => says(self.fuel),

            Asked::Get(key) => says(self.entry(&key.0)),
            Asked::Scan(range) => says(self.scan(&range)),
            Asked::Put((key, value)) => says(self.put(key, value)),

            Asked::GetBalance(holder) => says(self.balance(holder)),
            Asked::ListBalances((after, limit)) => says(self.list_balances(after, limit)),
            Asked::GetAllowance(pair) => says(self.allowances.get(&pair).copied().unwrap_or_default()),
            Asked::ListAllowances((after, limit)) => says(self.list_allowances(after, limit)),
            Asked::Transfer((from, to, amount)) => says(self.transfer(from, to, amount)),
            Asked::Claim(claim) => says(self.claims.push(claim)),
            Asked::Approve((owner, spender, amount)) => done(self.allowances.insert((owner, spender), amount)),
            Asked::TransferFrom((owner, spender, to, amount)) => says(self.transfer_from((owner, spender), to, amount)),

            Asked::Send(message) => says(self.messages.push(message)),
            Asked::Call((application, is_authenticated, operation)) => {
                let call = Call { application, is_authenticated, operation: operation.0 };
                says(Opaque(expected(&mut self.calls, &call)))
            }
            Asked::Emit((name, value)) => says(self.emit(name.0, value.0)),
            Asked::ReadEvent((chain, stream, index)) => {
                let own = (chain == self.facts.chain && stream.application == self.facts.application)
                    .then(|| self.events.get(&stream.name.0)?.get(index as usize));
                let place = (chain, stream, index);
                says(Opaque(known(own.flatten().or(self.foreign_events.get(&place)), place).clone()))
            }
            Asked::Subscribe((chain, stream, index)) => done(self.subscriptions.insert((chain, stream), index)),
            Asked::Unsubscribe(place) => done(self.subscriptions.remove(&place)),

            Asked::GetOwnership(()) => says(&self.ownership),
            Asked::GetPermissions(()) => says(&self.permissions),
            Asked::OpenChain(config) => says(expected(&mut self.new_chains, &config)),
            Asked::CloseChain(()) => says(self.is_closed = true),
            Asked::ChangeOwnership(ownership) => says(self.ownership = ownership),
            Asked::ChangePermissions(permissions) => says(self.permissions = permissions),
            Asked::PublishBlob(bytes) => says(self.publish(bytes.0)),
            Asked::PublishModule(code) => says(expected(&mut self.new_modules, &code)),
            Asked::CreateApplication((module, parameters, argument)) => {
                let new = NewApplication { module, parameters: parameters.0, argument: argument.0 };
                says(expected(&mut self.new_applications, &new))
            }

            Asked::ReadBlob(id) => says(Opaque(known(self.blobs.get(&id), id).clone())),
            Asked::AssertBlob(id) => done(known(self.blobs.get(&id), id)),
            Asked::AssertBefore(time) => says(assert!(self.facts.timestamp < time, "it is not before {time}")),
            Asked::AskWeb(request) => says(expected(&mut self.requests, &request)),
            Asked::QueryService((application, query)) => {
                says(Opaque(expected(&mut self.queries, &Query { application, query: query.0 })))
            }
            Asked::Schedule(operation) => says(self.scheduled.push(operation.0)),
        }
    }

    fn entry(&self, key: &[u8]) -> Option<Opaque> {
        self.entries.get(key).expect("memory holds everything").map(|value| Opaque(value.to_vec()))
    }

    fn scan(&self, range: &KeyRange) -> Vec<(Opaque, Opaque)> {
        let found = self.entries.scan(&range.prefix.0, &range.start.0, range.limit as usize);
        found
            .expect("memory holds everything")
            .into_iter()
            .map(|(key, value)| (Opaque(key.to_vec()), Opaque(value.to_vec())))
            .collect()
    }

    fn put(&mut self, key: Opaque, value: Option<Opaque>) {
        let mut batch = Batch::new();
        batch.write(key.0, value.map(|value| value.0.into()));
        self.entries.apply(batch);
    }

    fn balance(&self, holder: Holder) -> Amount {
        self.balances.get(&holder).copied().unwrap_or_default()
    }

    fn list_balances(&self, after: Option<Owner>, limit: u32) -> Vec<(Owner, Amount)> {
        let after = Bound::Excluded(after.map_or(Holder::Chain, Holder::Owner));
        let accounts = self.balances.range((after, Bound::Unbounded)).filter_map(|(holder, amount)| match holder {
            Holder::Owner(owner) => Some((*owner, *amount)),
            Holder::Chain => None,
        });
        accounts.take(limit as usize).collect()
    }

    fn list_allowances(&self, after: Option<(Owner, Owner)>, limit: u32) -> Vec<(Owner, Owner, Amount)> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let allowances = self.allowances.range((after, Bound::Unbounded));
        allowances.map(|((owner, spender), amount)| (*owner, *spender, *amount)).take(limit as usize).collect()
    }

    fn transfer(&mut self, from: Holder, to: Account, amount: Amount) {
        let rest = self.balance(from).checked_sub(amount);
        self.balances.insert(from, rest.unwrap_or_else(|| panic!("{from} has less than {amount}")));
        if to.chain == self.facts.chain {
            let sum = self.balance(to.holder).checked_add(amount);
            self.balances.insert(to.holder, sum.expect("a test has no more money than there can be"));
        }
        self.transfers.push((from, to, amount));
    }

    fn transfer_from(&mut self, (owner, spender): (Owner, Owner), to: Account, amount: Amount) {
        let allowance = self.allowances.get(&(owner, spender)).copied().unwrap_or_default().checked_sub(amount);
        let rest = allowance.unwrap_or_else(|| panic!("{owner} lets {spender} spend less than {amount}"));
        self.allowances.insert((owner, spender), rest);
        self.transfer(Holder::Owner(owner), to, amount);
    }

    fn emit(&mut self, name: Vec<u8>, value: Vec<u8>) -> u32 {
        let stream = self.events.entry(name).or_default();
        stream.push(value);
        u32::try_from(stream.len() - 1).expect("a test emits few events")
    }

    fn publish(&mut self, bytes: Vec<u8>) -> myceline_types::BlobId {
        let id = Blob::data(bytes.clone()).id();
        self.blobs.insert(id, bytes);
        id
    }
}

/// What the test has set; it fails where it has not.
fn known<T>(found: Option<T>, name: impl Debug) -> T {
    found.unwrap_or_else(|| panic!("the mock knows nothing of {name:?}"))
}

/// The answer to what the test expects next; it fails where that is something else.
fn expected<Q: PartialEq + Debug, A>(queue: &mut VecDeque<(Q, A)>, asked: &Q) -> A {
    let (expected, answer) = queue.pop_front().unwrap_or_else(|| panic!("nobody expects {asked:?}"));
    assert_eq!(&expected, asked, "another question is expected");
    answer
}
