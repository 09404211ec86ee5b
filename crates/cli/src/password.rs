//! Where the password of a wallet's keys comes from: a file, the environment, or the person at the terminal.

use crate::{CliError, Code, keystore::Password};
use std::{
    fs,
    io::{self, IsTerminal as _},
    path::PathBuf,
};
use zeroize::Zeroizing;

/// The variable that holds the password, for scripts that have no better place for it.
pub const VARIABLE: &str = "MYCELINE_PASSWORD";

/// Where the password comes from; each is asked in this order, and the first that has one answers.
#[derive(Debug, Clone)]
pub struct PasswordSource {
    file: Option<PathBuf>,
}

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The file that was named cannot be read.
    #[error("cannot read the password in {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The variable holds something other than text.
    #[error("{VARIABLE} is no text")]
    Variable,
    /// Nothing protects nothing.
    #[error("the password is empty")]
    Empty,
    /// The two times it was typed are not the same.
    #[error("the two passwords differ")]
    Differ,
    /// There is neither a file nor a variable nor a terminal.
    #[error("the keys of this wallet need a password, and there is no terminal to ask at")]
    NobodyToAsk,
    /// The terminal failed.
    #[error("cannot ask for the password")]
    Terminal(#[source] io::Error),
}

impl PasswordSource {
    /// The file, if one was named; else the variable; else the terminal.
    pub fn new(file: Option<PathBuf>) -> PasswordSource {
        PasswordSource { file }
    }

    /// The password of keys that exist.
    pub fn existing(&self) -> Result<Password, PasswordError> {
        self.get(|| ask("Password of this wallet: "))
    }

    /// A password for keys that are about to exist, typed twice where it is typed.
    pub fn chosen(&self) -> Result<Password, PasswordError> {
        self.get(|| {
            let first = ask("New password for this wallet: ")?;
            let second = ask("Once more: ")?;
            if first == second { Ok(first) } else { Err(PasswordError::Differ) }
        })
    }

    fn get(&self, ask: impl FnOnce() -> Result<Password, PasswordError>) -> Result<Password, PasswordError> {
        let password = match (&self.file, std::env::var(VARIABLE)) {
            (Some(path), _) => in_file(path)?,
            (None, Ok(text)) => Password::new(text),
            (None, Err(std::env::VarError::NotUnicode(_))) => return Err(PasswordError::Variable),
            (None, Err(std::env::VarError::NotPresent)) => ask()?,
        };
        if password.is_empty() { Err(PasswordError::Empty) } else { Ok(password) }
    }
}

/// The first line of a file. Editors end it with a newline, which is not part of the password.
fn in_file(path: &PathBuf) -> Result<Password, PasswordError> {
    let read = fs::read_to_string(path).map(Zeroizing::new);
    let text = read.map_err(|source| PasswordError::File { path: path.into(), source })?;
    Ok(Password::new(text.lines().next().unwrap_or_default().into()))
}

fn ask(question: &str) -> Result<Password, PasswordError> {
    if !io::stdin().is_terminal() {
        return Err(PasswordError::NobodyToAsk);
    }
    rpassword::prompt_password(question).map(Password::new).map_err(PasswordError::Terminal)
}

impl From<PasswordError> for CliError {
    fn from(error: PasswordError) -> CliError {
        let told = CliError::telling(Code::Locked, &error);
        match error {
            PasswordError::NobodyToAsk => told.hint(format!("--password-file FILE, or {VARIABLE} in the environment")),
            PasswordError::Empty | PasswordError::Differ => told.hint("the same command again, with another password"),
            PasswordError::File { .. } | PasswordError::Variable | PasswordError::Terminal(_) => told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password_in(text: &str) -> Result<Password, PasswordError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, text).unwrap();
        PasswordSource::new(Some(path)).existing()
    }

    #[test]
    fn a_file_holds_the_password_on_its_first_line() {
        assert_eq!(password_in("open sesame\n").unwrap(), Password::new("open sesame".into()));
        assert_eq!(password_in(" spaces count \r\nignored").unwrap(), Password::new(" spaces count ".into()));
        assert!(matches!(password_in("\n"), Err(PasswordError::Empty)));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = PasswordSource::new(Some("no/such/file".into())).chosen().unwrap_err();
        assert_eq!(error.to_string(), "cannot read the password in no/such/file");
    }
}
