//! What things cost on a new network and how large they may be: the default, and what a file says about it. Also
//! `myceline genesis policy`, which shows that.

use crate::{CliError, Code, Context};
use myceline_types::Policy as Content;
use serde::Serialize;
use serde_json::Value;
use std::{fmt, fs, path::PathBuf};

/// Show what things cost on a new network, and how large they may be
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline genesis policy                           the default, where nothing costs anything
  echo '{\"prices\": {\"message\": \"0.001\"}}' > policy.json
  myceline genesis policy --policy policy.json      what that changes in it
Both `genesis create` and `net up` take such a file.")]
pub struct Policy {
    #[command(flatten)]
    policy: PolicyArguments,
}

/// The policy of a new network, as the words of a command say it.
#[derive(Debug, Clone, clap::Args)]
pub struct PolicyArguments {
    /// What differs from the default prices and limits, as JSON: see `genesis policy`
    #[arg(long = "policy", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// A policy as JSON.
#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Content);

impl Policy {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        context.output.report(&Shown(self.policy.read()?))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl PolicyArguments {
    /// The default policy with what the file changes.
    pub fn read(&self) -> Result<Content, CliError> {
        let Some(file) = &self.file else { return Ok(Content::default()) };
        let text = fs::read_to_string(file).map_err(CliError::reading(file))?;
        changed(&text).map_err(|why| {
            CliError::new(Code::Usage, format_args!("{} is no policy: {why}", file.display()))
                .hint("myceline genesis policy shows all that there is")
        })
    }
}

/// The default policy with the fields that a text names.
fn changed(text: &str) -> Result<Content, String> {
    let told = |error: serde_json::Error| error.to_string();
    let mut policy = serde_json::to_value(Content::default()).map_err(told)?;
    merge(&mut policy, serde_json::from_str(text).map_err(told)?, "it")?;
    serde_json::from_value(policy).map_err(told)
}

/// Puts the fields of a change in place of those that are there.
fn merge(policy: &mut Value, change: Value, place: &str) -> Result<(), String> {
    let (Value::Object(fields), Value::Object(changes)) = (&mut *policy, &change) else {
        *policy = change;
        return Ok(());
    };
    for (name, value) in changes {
        let Some(field) = fields.get_mut(name) else {
            let known: Vec<_> = fields.keys().map(String::as_str).collect();
            return Err(format!("{place} has no {name}, only {}", known.join(", ")));
        };
        merge(field, value.clone(), name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::Amount;

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let policy =
            changed(r#"{"prices": {"message": "0.5"}, "limits": {"fuel": 7}, "web": {"servers": ["http://a:1"]}}"#);
        let mut expected = Content::default();
        expected.prices.message = Amount(Amount::ONE.0 / 2);
        expected.limits.fuel = 7;
        expected.web.servers = vec!["http://a:1".into()];
        assert_eq!(policy, Ok(expected));
        assert_eq!(changed("{}"), Ok(Content::default()));
    }

    #[test]
    fn what_is_not_there_or_of_another_kind_is_named() {
        let why = changed(r#"{"limits": {"fule": 7}}"#).unwrap_err();
        assert!(why.starts_with("limits has no fule, only ") && why.contains("fuel"), "{why}");
        assert!(changed(r#"{"limits": 7}"#).is_err());
        assert!(changed(r#"{"prices": {"message": "much"}}"#).is_err());
        assert!(changed("limits").is_err());
    }
}
