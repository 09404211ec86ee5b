//! HTTP bodies at the validator's end: what arrives counts against a budget until it is a message, and what leaves does so
//! in pieces, no faster than the client takes them.

use super::{budget::Share, wire};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use prost::Message;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tonic::{
    Status,
    body::Body,
    codec::{BufferSettings, DecodeBuf, Decoder, Streaming},
};
use tonic_prost::ProstDecoder;

/// gRPC puts so much before each message.
const MESSAGE_HEADER: usize = 5;

/// What HTTP/2 takes over at once. The rest stays here, where it is counted.
const PIECE: usize = 64 * 1024;

/// The messages in `body`, none of more than `bytes_max`. While one is incomplete, its bytes are part of `share`.
pub fn messages<M: Message + Default + 'static>(body: Body, share: Share, bytes_max: usize) -> Streaming<M> {
    let share = Arc::new(share);
    let decoder = Counting { decoder: wire::decoder(), share: share.clone() };
    Streaming::new_request(decoder, Arriving { body, share }, None, Some(bytes_max))
}

/// A body whose bytes are counted.
struct Arriving {
    body: Body,
    share: Arc<Share>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let counted = frame.map(|frame| {
            let frame = frame?;
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            self.share.grow(bytes).map_err(|_| Status::resource_exhausted("too busy: try again later"))?;
            Ok(frame)
        });
        Poll::Ready(counted)
    }
}

/// A decoder that gives back what the message took while it was read.
struct Counting<M> {
    decoder: ProstDecoder<M>,
    share: Arc<Share>,
}

impl<M: Message + Default> Decoder for Counting<M> {
    type Item = M;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<M>, Status> {
        self.share.shrink(MESSAGE_HEADER + bytes::Buf::remaining(message));
        self.decoder.decode(message)
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.decoder.buffer_settings()
    }
}

/// A body that leaves in pieces.
pub struct Leaving {
    body: Body,
    rest: Bytes,
}

impl Leaving {
    pub fn new(body: Body) -> Leaving {
        Leaving { body, rest: Bytes::new() }
    }
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                None => return Poll::Ready(None),
            }
        }
        let piece = PIECE.min(self.rest.len());
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }
}
