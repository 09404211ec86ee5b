//! The validators of the demo: four processes that can be killed and started again, and what each of them has committed.

use super::device::until;
use crate::{
    CliError, Code,
    command::net::{Plan, Processes},
    live::peers_of,
    timeline::{DemoEvent, Stage},
};
use myceline_rpc::{GrpcPeer, Peer};
use myceline_types::{
    BlockHash, BlockHeight, ChainId,
    api::{PAGE_MAX, Request, Response},
};
use std::{collections::BTreeSet, time::Instant};

/// What a validator has committed.
pub(super) type Blocks = BTreeSet<(ChainId, BlockHeight)>;

/// The validators. They end with this value.
pub(super) struct Troupe {
    plan: Plan,
    processes: Processes,
    peers: Vec<GrpcPeer>,
    stage: Stage,
}

impl Troupe {
    /// Starts all of them, and returns when each answers.
    pub(super) async fn start(plan: Plan, stage: &Stage) -> Result<Troupe, CliError> {
        let begun = Instant::now();
        let mut processes = Processes::spawn(&plan)?;
        for (index, process) in processes.ids().into_iter().enumerate() {
            stage.show(DemoEvent::Starting { validator: index + 1, process });
        }
        for index in 0..plan.configs.len() {
            processes.wait_until_it_answers(&plan, index).await?;
            stage.show(DemoEvent::Ready { validator: index + 1, after: begun.elapsed() });
        }
        let peers = peers_of(&plan.genesis)?;
        Ok(Troupe { plan, processes, peers, stage: stage.clone() })
    }

    /// What they started from.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Kills one at once.
    pub(super) fn kill(&mut self, index: usize) -> Result<(), CliError> {
        if let Some(process) = self.processes.kill(index)? {
            self.stage.show(DemoEvent::Killed { validator: index + 1, process });
        }
        Ok(())
    }

    /// Starts one that was killed. It may not answer yet.
    pub(super) fn restart(&mut self, index: usize) -> Result<(), CliError> {
        let process = self.processes.restart(&self.plan, index)?;
        self.stage.show(DemoEvent::Starting { validator: index + 1, process });
        // The old connection remembers for a while that nobody answered.
        self.peers[index] = peers_of(&self.plan.genesis)?.swap_remove(index);
        Ok(())
    }

    /// Returns when one that was started again answers.
    pub(super) async fn wait_for(&mut self, index: usize) -> Result<(), CliError> {
        self.processes.wait_until_it_answers(&self.plan, index).await
    }

    /// What one has committed, by its own index.
    pub(super) async fn blocks(&self, index: usize) -> Result<Blocks, CliError> {
        let (mut blocks, mut from) = (Blocks::new(), 0);
        loop {
            let answer = self.ask(index, Request::CommitIndex { from, limit: PAGE_MAX }).await?;
            let Response::CommitIndex { entries, next } = answer else { return Err(unexpected(index)) };
            if entries.is_empty() {
                return Ok(blocks);
            }
            blocks.extend(entries);
            from = next;
        }
    }

    /// Waits until all that run have committed the same blocks, and says which.
    pub(super) async fn settled(&self) -> Result<Blocks, CliError> {
        let running: Vec<usize> = (0..self.peers.len()).filter(|index| self.processes.is_running(*index)).collect();
        let same = || async {
            let first = self.blocks(running[0]).await?;
            for index in &running[1..] {
                if self.blocks(*index).await? != first {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        until("all validators to have the same blocks", same).await?;
        self.blocks(running[0]).await
    }

    /// Waits until all of them say that this is a chain's last block.
    pub(super) async fn agree(&self, chain: ChainId, next: BlockHeight, tip: BlockHash) -> Result<(), CliError> {
        let agree = || async {
            for index in 0..self.peers.len() {
                let answer = self.ask(index, Request::Info { chain, nonce: 0 }).await?;
                let Response::Info(signed) = answer else { return Err(unexpected(index)) };
                if (signed.info.next, signed.info.tip) != (next, Some(tip)) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        until("all validators to agree on the last blocks", agree).await
    }

    async fn ask(&self, index: usize, request: Request) -> Result<Response, CliError> {
        let failed = |error| {
            CliError::new(Code::Unreachable, format_args!("validator {} does not answer", index + 1)).because(&error)
        };
        self.peers[index].call(request.into()).await.map_err(failed)
    }
}

fn unexpected(index: usize) -> CliError {
    CliError::new(Code::General, format_args!("validator {} does not answer what it was asked", index + 1))
}
