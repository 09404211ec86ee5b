//! Time and tasks: the one place that knows the runtime. A browser has others.

use futures_util::future::BoxFuture;
use myceline_types::Timestamp;
use std::{
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A future of which there are many kinds in one collection.
pub(crate) type Boxed<'a, T> = BoxFuture<'a, T>;

/// Tells the time. A simulator has its own, and may let a machine be late.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that is read by calling `read`.
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(read))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// What `future` gives, or nothing if the time comes before that.
    pub(crate) async fn until<T>(&self, time: Timestamp, future: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(time.since(self.now()).as_duration(), future).await.ok()
    }
}

impl Default for Clock {
    /// This machine's.
    fn default() -> Clock {
        Clock::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// Waits.
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Runs a task to its end, also where the caller stops waiting for it. `None` where the runtime ends first.
pub(crate) async fn to_the_end<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::spawn(task).await.ok()
}

/// Gives way to tasks that could run.
pub(crate) async fn let_others_run() {
    tokio::task::yield_now().await;
}

/// Lets a task run by itself to its end.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::spawn(task)
}
