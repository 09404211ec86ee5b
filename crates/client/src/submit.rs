//! Making blocks: pre-confirmed when this client has executed it, final when the validators have certified it, and never
//! twice for one request.

use crate::{
    clock,
    core::{Client, Core},
    deliver::WaitFor,
    desk::{Desk, Papers},
    error::{SubmitError, SyncError},
    facts::FACTS_MAX,
    local::{Acted, LocalError},
    order::{Begun, Job, Made, Order},
    settle::{BrokeOff, Task},
    signer::Signer,
};
use myceline_node::{Candidate, Cost, rows::RequestId};
use myceline_rpc::Peer;
use myceline_sessions::{
    receive::Room,
    settle::{Ending, GaveUp, Own},
};
use myceline_storage::Store;
use myceline_types::{
    Blob, Block, BlockHash, BlockHeight, Body, Certificate, ChainId, Epoch, Transaction, api::CertificateRequest,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedMutexGuard, oneshot};

/// How long a busy client waits for the next block of a chain, which would carry the last certificate, before it shows that
/// certificate by itself.
const SHOW_PAUSE: Duration = Duration::from_millis(2);
/// How often a block is made again because another device's was faster.
const CONTENTION_MAX: usize = 32;

/// A block that was made and is on its way to be final.
#[derive(Debug)]
pub struct Submission {
    made: Made,
    finality: oneshot::Receiver<Result<FinalBlock, SubmitError>>,
}

/// A block that is final.
#[derive(Clone, Debug)]
pub struct FinalBlock {
    made: Made,
    certificate: Certificate,
}

impl Submission {
    /// The block as it was executed here: final unless another device of the owner is faster, in which case the same is
    /// done in a later block if it still can be.
    pub fn preconfirmed(&self) -> &Block {
        self.made.block()
    }

    /// Waits until the request's block is final. It becomes so whether or not anybody waits.
    pub async fn finality(self) -> Result<FinalBlock, SubmitError> {
        self.finality.await.unwrap_or(Err(SubmitError::Ended))
    }
}

impl FinalBlock {
    /// The block.
    pub fn block(&self) -> &Block {
        self.made.block()
    }

    /// Its name.
    pub fn hash(&self) -> BlockHash {
        self.made.hash()
    }

    /// Its height.
    pub fn height(&self) -> BlockHeight {
        self.block().proposed.height
    }

    /// What it costs; `None` where it was not executed for this request but found.
    pub fn cost(&self) -> Option<Cost> {
        self.made.cost()
    }

    /// Proves that it is final.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The chains that it opened, in order.
    pub fn opened(&self) -> Vec<ChainId> {
        self.block().opened()
    }
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Makes a block of these transactions, with bundles that wait and are at hand. It returns when the block is
    /// pre-confirmed: executed here. [`Submission::finality`] says when it is final.
    ///
    /// Under one `request` the transactions are done at most once, whatever is lost on the way and however often they are
    /// submitted, as long as the request is among the last 1,024 heights of the chain.
    pub async fn submit(
        &self,
        chain: ChainId,
        request: RequestId,
        transactions: Vec<Transaction>,
        blobs: Vec<Blob>,
    ) -> Result<Submission, SubmitError> {
        let order = Order { request: Some(request), wanted: transactions, blobs, ..Order::on(chain) };
        let ((begun, made), (answer, finality)) = (oneshot::channel(), oneshot::channel());
        // A task of its own, so that nothing is left half done where the caller stops waiting.
        clock::spawn(Box::pin(self.core.clone().carry_out(order, begun, answer)));
        let made = made.await.unwrap_or(Err(SubmitError::Ended))?;
        Ok(Submission { made, finality })
    }
}

impl Begun {
    fn made(&self) -> Made {
        match self {
            Begun::Done(certified) => Made::Read(certified.clone()),
            Begun::Job(job) => Made::Here(job.candidate.clone()),
        }
    }
}

/// To whom a final block is told as soon as it is.
pub(crate) type Answer = Option<oneshot::Sender<Result<FinalBlock, SubmitError>>>;

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// What bundles may take of a block besides so many transactions.
    pub(crate) fn room(&self, transactions: usize) -> Room {
        let limits = self.local.network().policy(Epoch::ZERO).map(|policy| policy.limits.clone()).unwrap_or_default();
        let as_usize = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        Room {
            transactions: as_usize(limits.transactions).saturating_sub(transactions),
            bytes: as_usize(limits.block_bytes / 2),
        }
    }

    /// Carries an order out, and says when its block is made and when it is final.
    async fn carry_out(
        self: Arc<Self>,
        mut order: Order,
        begun: oneshot::Sender<Result<Made, SubmitError>>,
        answer: oneshot::Sender<Result<FinalBlock, SubmitError>>,
    ) {
        let desk = self.desks.of(order.chain);
        let proposing = desk.propose();
        let mut papers = desk.sit().await;
        self.add_incoming(&mut order, &papers);
        // Whoever does not wait for an answer has dropped the other end.
        match self.begin_ordered(&desk, &mut papers, &mut order).await {
            Ok(begins) => {
                let _ = begun.send(Ok(begins.made()));
                let mut answer = Some(answer);
                let done = self.finish(&desk, &mut papers, &mut order, begins, &mut answer).await;
                answer.map(|answer| answer.send(done));
            }
            Err(why) => drop(begun.send(Err(why))),
        }
        drop(proposing);
        self.leave(desk, papers);
    }

    /// Begins an order, after bringing the chain up to date where that is needed and finishing what was begun before.
    pub(crate) async fn begin_ordered(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        order: &mut Order,
    ) -> Result<Begun, SubmitError> {
        if self.options.is_cautious && !papers.is_synced {
            Box::pin(self.sync_at(papers, order.chain)).await?;
        }
        for _ in 0..CONTENTION_MAX {
            match self.begin(order).await {
                Ok(Begun::Job(job)) if !job.is_ordered => {
                    self.settle_job(desk, papers, order.chain, *job, &mut None).await?;
                }
                Err(SubmitError::Local(LocalError::UnknownChain(_))) if !papers.is_synced => {
                    Box::pin(self.sync_at(papers, order.chain)).await?;
                }
                begun => return begun,
            }
        }
        Err(SubmitError::Contention)
    }

    /// Begins an order, fetching what its block rests on. Bundles that need what nobody shows are left for later.
    async fn begin(&self, order: &mut Order) -> Result<Begun, SubmitError> {
        for _ in 0..FACTS_MAX {
            let (signer, what) = (self.signer.clone(), order.clone());
            let lacking = match self.local.look(order.chain, move |work| what.begin(&signer, work)).early().await? {
                Err(SubmitError::Lacks(fact)) if !order.absent.contains(&fact) => fact,
                begun => return begun,
            };
            if !self.learn_fact(&lacking).await? {
                order.absent.insert(lacking);
            }
        }
        Err(SubmitError::Contention)
    }

    /// Adds what waits for a chain to a block, as its policy says.
    pub(crate) fn add_incoming(&self, order: &mut Order, papers: &Papers) {
        let policy = self.policy(order.chain);
        order.incoming = policy.apply(papers.receipts.next(self.room(order.wanted.len())));
        order.unrejected = policy.unrejected;
    }

    /// Settles blocks until the order's is final.
    pub(crate) async fn finish(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        order: &mut Order,
        mut begun: Begun,
        answer: &mut Answer,
    ) -> Result<FinalBlock, SubmitError> {
        for _ in 0..CONTENTION_MAX {
            let job = match begun {
                Begun::Done(certified) => {
                    let certificate = certified.certificate.clone();
                    return Ok(FinalBlock { made: Made::Read(certified), certificate });
                }
                Begun::Job(job) => *job,
            };
            if let Some(done) = self.settle_job(desk, papers, order.chain, job, answer).await? {
                return Ok(done);
            }
            begun = self.begin_ordered(desk, papers, order).await?;
        }
        Err(SubmitError::Contention)
    }

    /// Settles a height. Gives the job's block if that is final, and nothing where another one is, which is adopted.
    pub(crate) async fn settle_job(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        chain: ChainId,
        job: Job,
        answer: &mut Answer,
    ) -> Result<Option<FinalBlock>, SubmitError> {
        let Job { height, me, candidate, blobs, proposal, request, .. } = job;
        let slot = height.slot;
        let own = Own { executed: candidate.executed(), body: candidate.block.body(), blobs: blobs.clone(), proposal };
        let parent = papers
            .undelivered
            .clone()
            .filter(|parent| parent.slot.height.next() == Some(slot.height) && !desk.is_delivered(slot.height.0));
        let fuel = candidate.cost.used.fuel;
        let ending = self.settle(Task { height, me, own, request, parent, fuel }).await;
        match ending.map_err(SubmitError::from)? {
            Ending::Final { certificate, is_own: true, .. } => {
                let done = FinalBlock { made: Made::Here(candidate.clone()), certificate };
                self.commit(papers, done.clone(), (candidate, blobs), answer).await?;
                Ok(Some(done))
            }
            Ending::Final { certificate, body, .. } => {
                self.adopt(papers, chain, certificate, body).await?;
                Ok(None)
            }
            Ending::GaveUp(GaveUp::Rejected(refusal)) => {
                self.drop_pending(chain).await?;
                Err(SubmitError::Rejected(refusal))
            }
            Ending::GaveUp(why) => Err(why.into()),
            // The pending block was another owner's, and nobody has to finish it any more.
            Ending::Nothing => self.drop_pending(chain).await.map(|()| None).map_err(SubmitError::from),
        }
    }

    async fn drop_pending(&self, chain: ChainId) -> Result<(), LocalError> {
        let dropped = self.local.act(chain, |work| {
            work.drop_pending();
            Ok(())
        });
        dropped.settled().await
    }

    /// Commits the client's own block, and says that it is final without waiting for that. Chains that it opens can be used
    /// only when they are in the store.
    async fn commit(
        self: &Arc<Self>,
        papers: &mut Papers,
        done: FinalBlock,
        (candidate, blobs): (Arc<Candidate>, Vec<Blob>),
        answer: &mut Answer,
    ) -> Result<(), SubmitError> {
        let certificate = done.certificate.clone();
        // A chain that waited long has left memory, and with it what was executed.
        let again = move || Some((candidate.block.body(), blobs.clone()));
        let mut committed = self.take_certificate(certificate.clone(), again);
        for transaction in &done.block().proposed.transactions {
            if let Transaction::Receive(incoming) = transaction {
                papers.receipts.received(incoming.origin, Some(incoming.bundle.cursor));
            }
        }
        papers.undelivered = Some(certificate);
        if !done.opened().is_empty() {
            committed.durable().await?;
            tell(answer, done);
            return Ok(());
        }
        tell(answer, done);
        committed.early().await?;
        Ok(())
    }

    /// Takes another device's block, which is final, as the chain's next one.
    async fn adopt(
        self: &Arc<Self>,
        papers: &mut Papers,
        chain: ChainId,
        certificate: Certificate,
        body: Option<Box<Body>>,
    ) -> Result<(), SubmitError> {
        let height = certificate.slot.height;
        let shown = move || body.as_deref().map(|body| (body.clone(), Vec::new()));
        let next = self.take_certificate(certificate.clone(), shown).early().await?;
        if next <= height {
            // Something of it is not here: whoever gets the certificate can show all of it.
            self.deliver(certificate.clone(), WaitFor::Heard).await;
        }
        papers.undelivered = Some(certificate);
        // There may be more that this client has not seen.
        Box::pin(self.sync_at(papers, chain)).await.map(|_| ()).or_else(|why| match why {
            SyncError::Unreachable | SyncError::NoSuchChain(_) if next > height => Ok(()),
            why => Err(why.into()),
        })
    }

    /// Shows the local node a final certificate, and where its block is not at hand there what `shown` gives. Gives the
    /// chain's next height.
    fn take_certificate(
        &self,
        certificate: Certificate,
        shown: impl Fn() -> Option<(Body, Vec<Blob>)> + Send + 'static,
    ) -> Acted<BlockHeight> {
        let request = CertificateRequest { certificate, block: None, blobs: Vec::new() };
        self.local.act(request.certificate.slot.chain, move |work| {
            if work.candidate(request.certificate.block).is_none()
                && let Some((body, blobs)) = shown()
            {
                // If nothing comes of it, nothing is committed.
                let _ = work.examine(&body, &blobs)?;
            }
            work.certificate(&request)?;
            Ok(work.tip().next)
        })
    }

    /// Leaves the desk. If nobody else comes at once to propose, all members are shown the last certificate: it travels with
    /// the next proposal otherwise.
    pub(crate) fn leave(self: &Arc<Self>, desk: Arc<Desk>, mut papers: OwnedMutexGuard<Papers>) {
        let is_anyone_behind = std::mem::take(&mut papers.is_anyone_behind);
        let Some(certificate) = papers.undelivered.clone() else { return };
        let next = certificate.slot.height.0.saturating_add(1);
        if desk.is_shown(next) && !is_anyone_behind {
            return;
        }
        let core = self.clone();
        clock::spawn(async move {
            // Whoever was told that a block is final may want the next one. A busy client has others to run first.
            if core.desks.are_busy() {
                clock::sleep(SHOW_PAUSE).await;
            } else {
                clock::let_others_run().await;
            }
            if !desk.is_proposing() && (desk.must_show(next) || is_anyone_behind) {
                core.deliver(certificate, WaitFor::All).await;
            }
        });
    }
}

fn tell(answer: &mut Answer, done: FinalBlock) {
    // Whoever does not wait for the answer has dropped the other end.
    answer.take().map(|answer| answer.send(Ok(done)));
}

impl From<BrokeOff> for SubmitError {
    fn from(why: BrokeOff) -> SubmitError {
        match why {
            BrokeOff::Local(why) => why.into(),
            BrokeOff::Sign(why) => why.into(),
        }
    }
}

impl From<GaveUp> for SubmitError {
    fn from(why: GaveUp) -> SubmitError {
        match why {
            GaveUp::NoQuorum { answered, needed } => SubmitError::NoQuorum { answered, needed },
            GaveUp::Rejected(refusal) => SubmitError::Rejected(refusal),
            GaveUp::OutOfTime | GaveUp::NotSigned => SubmitError::OutOfTime,
        }
    }
}
