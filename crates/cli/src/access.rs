//! Who may ask what this program serves over HTTP, as the words of a command say it.

use crate::{CliError, Code};
use myceline_service::Access;
use std::{fs, net::IpAddr, path::PathBuf};

/// The shortest token that keeps anybody out.
const TOKEN_CHARS_MIN: usize = 16;

/// Who may ask.
#[derive(Debug, clap::Args)]
pub struct AccessArguments {
    /// A file with the token that everybody who asks must show
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// That token itself; others who use this machine can see it in the list of processes
    #[arg(long, conflicts_with = "token_file", env = "MYCELINE_SERVICE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Pages from here may ask; * does not exist, name each
    #[arg(long, value_name = "ORIGIN", num_args = 1..)]
    cors: Vec<String>,
}

impl AccessArguments {
    /// Who may ask something that listens there. Beyond this machine, only those with a token.
    pub fn for_listener(&self, listen: IpAddr) -> Result<Access, CliError> {
        let token = self.token()?;
        if token.as_ref().is_some_and(|token| token.chars().count() < TOKEN_CHARS_MIN) {
            return Err(CliError::new(Code::Usage, format_args!("a token has at least {TOKEN_CHARS_MIN} characters")));
        }
        if token.is_none() && !listen.is_loopback() {
            let what = format!("listening at {listen} lets others in, who could spend what the wallet has");
            return Err(CliError::new(Code::Usage, what)
                .hint("--token-file FILE, with a secret that you give to those who may ask")
                .hint("listen at 127.0.0.1, and only this machine can ask"));
        }
        Ok(Access { token, origins: self.cors.clone() })
    }

    fn token(&self) -> Result<Option<String>, CliError> {
        let Some(file) = &self.token_file else { return Ok(self.token.clone()) };
        let text = fs::read_to_string(file).map_err(CliError::reading(file))?;
        Ok(Some(text.trim().to_owned()))
    }
}
