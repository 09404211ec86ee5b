//! The validators of a local network as processes: started, waited for, killed and started again.

use super::Plan;
use crate::{CliError, Code};
use myceline_rpc::{GrpcPeer, Peer, grpc::PeerSettings};
use myceline_types::api::{Request, Response};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a validator may take to answer its first call.
const START_TIME: Duration = Duration::from_secs(20);
/// How often it is asked meanwhile.
const ASK_PAUSE: Duration = Duration::from_millis(10);
/// How long a validator may take to end when asked to.
const END_TIME: Duration = Duration::from_secs(10);

/// The validators of a local network. They end with this value, and with this process, whatever ends it.
pub(crate) struct Processes {
    children: Vec<Option<Child>>,
}

impl Processes {
    /// Starts all validators of a plan and returns when each answers.
    pub(crate) async fn start(plan: &Plan) -> Result<Processes, CliError> {
        let mut processes = Processes::spawn(plan)?;
        for index in 0..plan.configs.len() {
            processes.wait_until_it_answers(plan, index).await?;
        }
        Ok(processes)
    }

    /// Starts all validators of a plan. They do not answer yet.
    pub(crate) fn spawn(plan: &Plan) -> Result<Processes, CliError> {
        // Whoever started before one that cannot be started ends with the value.
        let mut processes = Processes { children: Vec::new() };
        for config in &plan.configs {
            processes.children.push(Some(spawn(config)?));
        }
        Ok(processes)
    }

    /// Kills a validator at once, as `kill -9` does. Answers which process that was; none where it does not run.
    pub(crate) fn kill(&mut self, index: usize) -> Result<Option<u32>, CliError> {
        let Some(mut child) = self.children[index].take() else { return Ok(None) };
        let failed =
            |error| CliError::new(Code::General, format_args!("cannot kill validator {index}")).because(&error);
        child.kill().and_then(|()| child.wait()).map_err(failed)?;
        Ok(Some(child.id()))
    }

    /// Starts a validator that was killed. It does not answer yet.
    pub(crate) fn restart(&mut self, plan: &Plan, index: usize) -> Result<u32, CliError> {
        let child = spawn(&plan.configs[index])?;
        let process = child.id();
        self.children[index] = Some(child);
        Ok(process)
    }

    /// Whether a validator was started and not killed since.
    pub(crate) fn is_running(&self, index: usize) -> bool {
        self.children[index].is_some()
    }

    /// The process ids of those that run.
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.children.iter().flatten().map(Child::id).collect()
    }

    /// The first validator that has ended by itself, if one has.
    pub(crate) fn ended(&mut self) -> Option<usize> {
        self.children
            .iter_mut()
            .position(|child| child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_)))))
    }

    /// Asks all to end and waits for them.
    pub(crate) fn stop(&mut self) {
        for child in self.children.iter().flatten() {
            if let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // One that has ended already needs no asking.
                let _ = kill_process(id, Signal::TERM);
            }
        }
        let until = Instant::now() + END_TIME;
        for child in self.children.iter_mut().filter_map(Option::take) {
            wait_or_kill(child, until);
        }
    }

    /// Returns when a validator answers.
    pub(crate) async fn wait_until_it_answers(&mut self, plan: &Plan, index: usize) -> Result<(), CliError> {
        let address = &plan.genesis.committee.validators()[index].address;
        let until = Instant::now() + START_TIME;
        loop {
            let peer = GrpcPeer::new(address, PeerSettings::default())
                .map_err(|error| CliError::telling(Code::General, &error))?;
            if matches!(peer.call(Request::Genesis.into()).await, Ok(Response::Genesis(genesis)) if *genesis == plan.genesis)
            {
                return Ok(());
            }
            if self.ended().is_some() || Instant::now() > until {
                let log = plan.log(index);
                return Err(CliError::new(Code::General, format_args!("validator {index} did not start at {address}"))
                    .hint(format!("it may have said why in {}", log.display()))
                    .hint("another program may use its port: choose others with --port, or any with --port 0"));
            }
            tokio::time::sleep(ASK_PAUSE).await;
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(config: &Path) -> Result<Child, CliError> {
    let failed = |error: std::io::Error| CliError::new(Code::General, "cannot start a validator").because(&error);
    let program = std::env::current_exe().map_err(failed)?;
    let log = File::options().create(true).append(true).open(config.with_file_name("log")).map_err(failed)?;
    Command::new(program)
        .args(["-v", "--color", "never", "validator", "run", "--end-with-stdin", "--config"])
        .arg(config)
        // Ctrl-C at the terminal is for whoever started this, who then ends the validators in order.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(failed)
}

fn wait_or_kill(mut child: Child, until: Instant) {
    while Instant::now() < until {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "this is the end of the process, and no runtime may be left")]
        std::thread::sleep(ASK_PAUSE);
    }
    // It had its time; what it has acknowledged is on disk.
    let _ = child.kill().and_then(|()| child.wait());
}
