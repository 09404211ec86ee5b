//! Why a step goes no further: rows are lacking, or all that is left is to answer.

use crate::{
    cell::Lacking,
    step::{Answer, Retry},
};
use myceline_state::Absent;
use myceline_types::{InvalidCertificate, InvalidRequest, Refusal};

/// Why a step goes no further.
pub(crate) enum Stopped {
    /// Fetch these and step again.
    Lacking(Lacking),
    /// This is what to answer; the same request may be worth another try.
    Answer(Box<Answer>, Option<Retry>),
}

/// A part of a step: it goes on, or it has said all.
pub(crate) type Stepping<T> = Result<T, Stopped>;

impl Stopped {
    /// The answer is this refusal, unless it is worth trying again.
    pub(crate) fn for_now(refusal: Refusal, retry: Retry) -> Stopped {
        Stopped::Answer(Box::new(refusal.into()), Some(retry))
    }
}

impl From<Answer> for Stopped {
    fn from(answer: Answer) -> Stopped {
        Stopped::Answer(Box::new(answer), None)
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Stopped {
        Answer::from(refusal).into()
    }
}

impl From<InvalidRequest> for Stopped {
    fn from(why: InvalidRequest) -> Stopped {
        Refusal::from(why).into()
    }
}

impl From<InvalidCertificate> for Stopped {
    fn from(why: InvalidCertificate) -> Stopped {
        Refusal::from(why).into()
    }
}

impl From<Lacking> for Stopped {
    fn from(lacking: Lacking) -> Stopped {
        Stopped::Lacking(lacking)
    }
}

impl From<Absent> for Stopped {
    fn from(absent: Absent) -> Stopped {
        Lacking::from(absent).into()
    }
}

impl From<Vec<Absent>> for Stopped {
    fn from(absent: Vec<Absent>) -> Stopped {
        Lacking::from(absent).into()
    }
}
