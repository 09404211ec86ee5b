//! A node in another process: the service that holds the wallet. Calls travel as canonical bytes over HTTP on this
//! machine, with a token that only the owner of the wallet's folder can read.

use crate::{
    call::{Call, Outcome},
    code::Code,
    failure::Failure,
    node::Carrier,
};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use myceline_types::encoding;
use std::{error::Error, net::SocketAddr, time::Duration};
use tokio::net::TcpStream;

/// Where calls go. Programs of another version have other calls, and find nothing there.
pub(crate) const PATH: &str = concat!("/wallet/", env!("CARGO_PKG_VERSION"));
/// How long a call may take: longer than a block takes to be final or given up that burns the fuel of the default policy.
const CALL_WAIT: Duration = Duration::from_secs(240);

/// A node in another process.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where it listens.
    pub address: SocketAddr,
    /// Opens its door.
    pub token: String,
}

impl Carrier for Remote {
    fn carry(&self, call: Call) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match tokio::time::timeout(CALL_WAIT, self.ask(&call)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Failure::new(Code::Unreachable, "the service does not answer")),
            }
        })
    }
}

impl Remote {
    async fn ask(&self, call: &Call) -> Outcome {
        let lost = |error: &dyn Error| {
            Failure::new(Code::Unreachable, format_args!("the service at {} cannot be asked", self.address))
                .because(error)
        };
        let socket = TcpStream::connect(self.address).await.map_err(|error| lost(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(|error| lost(&error))?;
        let request = Request::post(PATH)
            .header(header::HOST, self.address.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Full::new(Bytes::from(encoding::to_bytes(call))))
            .map_err(|error| lost(&error))?;
        let asking = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            Ok::<_, hyper::Error>((status, response.into_body().collect().await?.to_bytes()))
        };
        // The connection is driven by whoever waits for the answer.
        let (status, bytes) = tokio::select! {
            asked = asking => asked.map_err(|error| lost(&error))?,
            ended = connection => return Err(ended.map_or_else(|error| lost(&error), |()| {
                Failure::new(Code::Unreachable, "the service ended the connection")
            })),
        };
        match status {
            StatusCode::OK => encoding::from_bytes::<Outcome>(&bytes).map_err(|error| lost(&error))?,
            StatusCode::UNAUTHORIZED => Err(Failure::new(Code::Unauthorized, "the service does not know this wallet")),
            _ => {
                Err(Failure::new(Code::General, format_args!("the service at {} is of another version", self.address))
                    .hint("end it, and start it again with this version of myceline"))
            }
        }
    }
}
