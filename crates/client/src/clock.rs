//! Time and tasks: the one place that knows the runtime. A browser has others.

use futures_util::future::BoxFuture;
use myceline_types::Timestamp;
use std::{
    future::Future,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A future of which there are many kinds in one collection.
pub(crate) type Boxed<'a, T> = BoxFuture<'a, T>;

/// Microseconds since the Unix epoch by this machine's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// Waits.
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// What `future` gives, or nothing if the time comes before that.
pub(crate) async fn until<T>(time: Timestamp, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time.since(now()).as_duration(), future).await.ok()
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
