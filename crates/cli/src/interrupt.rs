//! When the system asks this process to end: Ctrl-C, `kill`, or a terminal that was closed.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Returns when this process is asked to end, and also where the system does not let it listen for that.
pub async fn interrupted() {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let Ok([mut interrupt, mut terminate, mut hangup]) = listen(kinds) else { return };
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
        _ = hangup.recv() => (),
    }
}

fn listen(kinds: [SignalKind; 3]) -> std::io::Result<[Signal; 3]> {
    let [first, second, third] = kinds;
    Ok([signal(first)?, signal(second)?, signal(third)?])
}
