//! A wallet that a command holds for long: its chains are followed, and other commands go through this one.

use crate::{CliError, Code, live::WalletNode, pass::Pass, wallet::Folder};
use myceline_service::{Inboxes, Node, Service, new_token};
use std::{net::Ipv4Addr, sync::Arc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A wallet that is served to other commands.
pub(crate) struct Kept {
    folder: Folder,
    following: JoinHandle<()>,
    serving: JoinHandle<()>,
    end: oneshot::Sender<()>,
}

impl Kept {
    /// Begins to follow the wallet's chains, and lets other commands of its owner in.
    pub(crate) async fn start(folder: &Folder, held: Arc<WalletNode>, inboxes: Inboxes) -> Result<Kept, CliError> {
        let failed = |error: std::io::Error| CliError::telling(Code::General, &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let pass = Pass { address: listener.local_addr().map_err(failed)?, token: new_token()? };
        let service = Service::for_commands(Node::shared(held.clone()), pass.token.clone());
        pass.write(folder)?;
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let served = service.serve(listener, async { drop(ended.await) }).await;
            served.unwrap_or_else(|why| tracing::warn!(%why, "other commands are not let in any more"));
        });
        let following = tokio::spawn(async move {
            let followed = held.follow(inboxes).await;
            followed.unwrap_or_else(|why| tracing::warn!(why = %why.message, "chains are not followed any more"));
        });
        Ok(Kept { folder: folder.clone(), following, serving, end })
    }

    /// Lets nobody in any more, and those who are in have their answers.
    pub(crate) async fn end(self) {
        Pass::remove(&self.folder);
        drop(self.end);
        // Whether it ended well or not, it has ended.
        let _ = self.serving.await;
        self.following.abort();
    }
}
