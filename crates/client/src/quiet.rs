//! Threads that give way to others.

/// Lets this thread run only when nothing else wants to, as far as the system does that.
#[cfg(target_os = "linux")]
pub(crate) fn give_way() {
    use rustix::process::setpriority_process;
    /// The lowest that there is.
    const LOWEST: i32 = 19;
    // On Linux this is about the calling thread. Where it fails, long runs are only less considerate.
    if let Err(error) = setpriority_process(None, LOWEST) {
        tracing::debug!(%error, "a thread for long runs keeps its priority");
    }
}

/// Elsewhere all threads are alike.
#[cfg(not(target_os = "linux"))]
pub(crate) fn give_way() {}
