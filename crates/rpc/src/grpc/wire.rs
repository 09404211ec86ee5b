//! The messages of `proto/validator.proto` as structs, and how gRPC reads and writes them. What the bytes in them mean is
//! declared in [`myceline_types::api`].

use bytes::Bytes;
use prost::Message;
use std::marker::PhantomData;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::{ProstDecoder, ProstEncoder};

/// Where the calls are found.
pub const CALL: &str = "/myceline.v1.Validator/Call";
pub const STREAM: &str = "/myceline.v1.Validator/Stream";
pub const SUBSCRIBE: &str = "/myceline.v1.Validator/Subscribe";

/// Room for what belongs to a frame but not to the bytes in it: at most 18 for each envelope and 10 around them.
pub const OVERHEAD_MAX: usize = 10 + 18 * super::frames::FRAME_ENVELOPES_MAX;

/// A buffer for each open call. It grows where a message is larger, and is sent when so much is ready.
fn buffer() -> BufferSettings {
    BufferSettings::new(4 * 1024, 64 * 1024)
}

/// A request or an answer.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Envelope {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(bytes = "bytes", tag = "2")]
    pub body: Bytes,
}

/// What was ready to leave at the same moment.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Frame {
    #[prost(message, repeated, tag = "1")]
    pub envelopes: Vec<Envelope>,
}

/// News, or why there is none.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Notices {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub notifications: Vec<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub refusal: Option<Bytes>,
}

/// Protocol Buffers with our buffers: `E` goes out, `D` comes in.
pub struct Messages<E, D>(PhantomData<fn(E) -> D>);

impl<E, D> Messages<E, D> {
    pub const fn new() -> Messages<E, D> {
        Messages(PhantomData)
    }
}

impl<E, D> Codec for Messages<E, D>
where
    E: Message + 'static,
    D: Message + Default + 'static,
{
    type Encode = E;
    type Decode = D;
    type Encoder = ProstEncoder<E>;
    type Decoder = ProstDecoder<D>;

    fn encoder(&mut self) -> ProstEncoder<E> {
        encoder()
    }

    fn decoder(&mut self) -> ProstDecoder<D> {
        decoder()
    }
}

pub fn encoder<E>() -> ProstEncoder<E> {
    ProstEncoder::new(buffer())
}

pub fn decoder<D>() -> ProstDecoder<D> {
    ProstDecoder::new(buffer())
}
