//! When the system asks this process to end: Ctrl-C, `kill`, or a terminal that was closed.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Is done when this process is asked to end, and also where the system does not let it listen for that. It listens from the
/// call on, not from when the answer is first waited for: whoever calls it and then says that it is ready can be ended well.
pub fn interrupted() -> impl Future<Output = ()> + Send + 'static {
    let listening = listen([SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]);
    async move {
        let Ok([mut interrupt, mut terminate, mut hangup]) = listening else { return };
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
            _ = hangup.recv() => (),
        }
    }
}

fn listen(kinds: [SignalKind; 3]) -> std::io::Result<[Signal; 3]> {
    let [first, second, third] = kinds;
    Ok([signal(first)?, signal(second)?, signal(third)?])
}
