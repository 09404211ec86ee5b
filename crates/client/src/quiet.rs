//! Threads that give way to others. Where the system does not let them, long runs are only less considerate.

#[cfg(target_os = "linux")]
pub(crate) use linux::{give_way, step_back};

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::setpriority_process;
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };

    /// How far those step back that somebody here waits for: others that want the processor get nine tenths of it.
    const NICENESS: i32 = 10;

    /// Lets this thread run only when nothing else wants to, and be interrupted as soon as something does. The lowest
    /// priority alone would not do: the system lets such a thread end its slice of milliseconds first.
    pub(crate) fn give_way() {
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread for long runs keeps its policy");
        }
    }

    /// Lets this thread have what others leave, and a tenth in any case.
    pub(crate) fn step_back() {
        // On Linux this is about the calling thread.
        if let Err(error) = setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "a thread for long runs keeps its priority");
        }
    }
}

/// Elsewhere all threads are alike.
#[cfg(not(target_os = "linux"))]
pub(crate) fn give_way() {}

/// Likewise.
#[cfg(not(target_os = "linux"))]
pub(crate) fn step_back() {}
