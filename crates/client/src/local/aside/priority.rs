//! How threads for long runs stand back. Where the system does not let them, long runs are only less considerate.

#[cfg(target_os = "linux")]
pub(super) use linux::{cpu_time, give_way, step_back};

#[cfg(target_os = "linux")]
mod linux {
    use rustix::{
        process::setpriority_process,
        time::{ClockId, clock_gettime},
    };
    use std::time::Duration;
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };

    /// How far those step back that have waited long: others that want the processor get nine tenths of it.
    const NICENESS: i32 = 10;

    /// Lets this thread run only where nothing else wants to, and be interrupted as soon as something does.
    pub(in super::super) fn give_way() {
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread for long runs keeps its policy");
        }
    }

    /// Lets this thread have what others leave, and a tenth in any case.
    pub(in super::super) fn step_back() {
        // On Linux this is about the calling thread.
        if let Err(error) = setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "a thread for long runs keeps its priority");
        }
    }

    /// How long this thread has had a processor.
    pub(in super::super) fn cpu_time() -> Option<Duration> {
        Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use rustix::process::getpriority_process;
        use std::thread;
        use thread_priority::thread_schedule_policy;

        /// What a thread of its own finds out about itself after `change`.
        fn after<T: Send + 'static>(change: fn(), find_out: fn() -> T) -> T {
            let thread = thread::spawn(move || {
                change();
                find_out()
            });
            thread.join().expect("the thread ends")
        }

        #[test]
        fn who_gives_way_runs_where_nothing_else_wants_to() {
            let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
            assert_eq!(after(give_way, thread_schedule_policy), Ok(idle));
            assert_ne!(thread_schedule_policy(), Ok(idle), "the others stay as they are");
        }

        #[test]
        fn who_steps_back_is_the_thread_and_not_the_process() {
            let niceness = || getpriority_process(None).expect("there is a priority");
            let before = niceness();
            assert_eq!(after(step_back, || getpriority_process(None).ok()), Some(NICENESS.max(before)));
            assert_eq!(niceness(), before);
        }
    }
}

/// Elsewhere all threads are alike.
#[cfg(not(target_os = "linux"))]
pub(super) fn give_way() {}

/// Likewise.
#[cfg(not(target_os = "linux"))]
pub(super) fn step_back() {}

/// Nobody has to be told apart by it.
#[cfg(not(target_os = "linux"))]
pub(super) fn cpu_time() -> Option<std::time::Duration> {
    None
}
