//! One agent at the other end of a pipe, as programs that start this one have it.

use crate::server::{REQUEST_BYTES_MAX, Server};
use rmcp::{ServiceExt as _, service::ServerInitializeError, transport::async_rw::AsyncRwTransport};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves whoever writes to `reader` and reads from `writer`, until they are gone. What was begun by then is finished.
pub async fn serve<R, W>(server: Server, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let transport = AsyncRwTransport::new_server(reader, writer).with_max_line_length(REQUEST_BYTES_MAX);
    let running = match server.serve(transport).await {
        Ok(running) => running,
        // Somebody who leaves without a word has not failed.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(io::Error::other(error)),
    };
    running.waiting().await.map_err(io::Error::other)?;
    Ok(())
}
