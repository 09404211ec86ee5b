//! How the threads of this program share the processors with each other.
//!
//! They hand each other work in small pieces. Linux lets a thread that gets a piece interrupt the one that gave it, so that
//! on a busy machine each piece costs a switch, and what could be done together is done one by one. Under its policy for
//! batches a thread that is woken waits until it is its turn: groups of a validator grow by half, and a block costs a
//! seventh less. Where a processor is idle nothing waits, so nothing takes longer.

#[cfg(target_os = "linux")]
pub(crate) use linux::take_turns;

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::getpriority_process;
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };

    const BATCH: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);

    /// Lets this thread, and all that it starts from now on, wait for their turn. Their priority stays as it is.
    pub(crate) fn take_turns() {
        let changed = same_priority().map(|same| set_thread_priority_and_policy(thread_native_id(), same, BATCH));
        if changed != Some(Ok(())) {
            tracing::debug!(?changed, "threads keep their policy");
        }
    }

    /// The priority that this thread has, in the words of the library: they stand for how nice it is to others.
    fn same_priority() -> Option<ThreadPriority> {
        let niceness = getpriority_process(None).ok()?;
        let mut priorities = (0..=u8::MAX).map_while(|priority| ThreadPriority::try_from(priority).ok());
        priorities.find(|priority| priority.to_posix(BATCH) == Ok(niceness))
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use rustix::process::setpriority_process;
        use std::thread;
        use thread_priority::thread_schedule_policy;

        /// What a thread finds out that was started by one that takes turns and is so nice.
        fn child_of(niceness: i32) -> (Option<ThreadSchedulePolicy>, Option<i32>) {
            let find_out = || (thread_schedule_policy().ok(), getpriority_process(None).ok());
            let parent = thread::spawn(move || {
                setpriority_process(None, niceness).expect("everybody may be nicer");
                take_turns();
                thread::spawn(find_out).join().expect("the thread ends")
            });
            parent.join().expect("the thread ends")
        }

        #[test]
        fn threads_take_turns_with_the_priority_that_they_had() {
            let before = getpriority_process(None).expect("there is a priority");
            for niceness in [before, (before + 5).min(19)] {
                assert_eq!(child_of(niceness), (Some(BATCH), Some(niceness)));
            }
            assert_ne!(thread_schedule_policy(), Ok(BATCH), "the others stay as they are");
        }
    }
}

/// Elsewhere threads are scheduled as the system likes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn take_turns() {}
