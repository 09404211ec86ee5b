//! What a new project is made of: the smallest example application, under another name.

use crate::{CliError, Code};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The files of a project, and what is in them before names are put in.
const FILES: [(&str, &str); 7] = [
    ("Cargo.toml", include_str!("../../templates/project/Cargo.toml")),
    ("README.md", include_str!("../../templates/project/README.md")),
    (".gitignore", "/target\n"),
    ("src/lib.rs", include_str!("../../../../apps/counter/src/lib.rs")),
    ("src/state.rs", include_str!("../../../../apps/counter/src/state.rs")),
    ("src/contract.rs", include_str!("../../../../apps/counter/src/contract.rs")),
    ("src/service.rs", include_str!("../../../../apps/counter/src/service.rs")),
];
/// Where the SDK lies from where this program was built.
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk");
/// Beside the SDK: the versions of other crates that it was tested with.
const LOCK: &str = "../../Cargo.lock";
/// The longest name of a project.
const NAME_BYTES: usize = 64;

/// The name of a project, in its three spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As cargo calls the package: `my-app`.
    package: String,
    /// As Rust calls the library: `my_app`.
    library: String,
    /// How the names of its types begin: `MyApp`.
    types: String,
}

impl Name {
    /// A name that cargo takes.
    pub fn parse(text: &str) -> Result<Name, CliError> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if !begins_well || text.len() > NAME_BYTES || !text.chars().all(is_plain) {
            let what = format!("{text:?} is no name for a project: letters, digits, - and _, a letter first");
            return Err(CliError::new(Code::Usage, what));
        }
        let words = text.split(['-', '_']).filter(|word| !word.is_empty());
        Ok(Name {
            package: text.into(),
            library: text.replace('-', "_"),
            types: words.map(|word| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..])).collect(),
        })
    }
}

/// The SDK that new projects use: the one that is named, or the one beside which this program was built.
pub fn sdk(named: Option<&Path>) -> Result<PathBuf, CliError> {
    let path = named.unwrap_or(Path::new(SDK));
    fs::canonicalize(path).ok().filter(|path| path.join("Cargo.toml").exists()).ok_or_else(|| {
        CliError::new(Code::NotFound, format_args!("the SDK is not at {}", path.display()))
            .hint("say where it is: --sdk PATH, the folder crates/sdk of a checkout")
    })
}

/// Writes a new project into a folder that does not exist or is empty.
pub fn write(dir: &Path, name: &Name, sdk: &Path) -> Result<(), CliError> {
    let failed = |error: io::Error| {
        CliError::new(Code::General, format_args!("cannot write to {}", dir.display())).because(&error)
    };
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CliError::new(Code::Usage, format_args!("{} is not empty", dir.display())));
    }
    fs::create_dir_all(dir.join("src")).map_err(failed)?;
    for (file, text) in FILES {
        fs::write(dir.join(file), filled(text, name, sdk)).map_err(failed)?;
    }
    let lock = sdk.join(LOCK);
    if lock.exists() {
        fs::copy(lock, dir.join("Cargo.lock")).map_err(failed)?;
    }
    Ok(())
}

fn filled(text: &str, name: &Name, sdk: &Path) -> String {
    text.replace("{{package}}", &name.package)
        .replace("{{library}}", &name.library)
        .replace("{{sdk}}", &sdk.display().to_string().replace('\\', "/"))
        .replace("counter::", &format!("{}::", name.library))
        .replace("Counter", &name.types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_three_spellings() {
        let name = Name::parse("my-first_app").unwrap();
        let spelt = (name.package.as_str(), name.library.as_str(), name.types.as_str());
        assert_eq!(spelt, ("my-first_app", "my_first_app", "MyFirstApp"));
        for wrong in ["", "1st", "-x", "a b", "ä", &"x".repeat(65)] {
            assert!(Name::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_project_has_its_own_names_throughout() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, sdk) = (folder.path().join("poll"), sdk(None).unwrap());
        write(&dir, &Name::parse("poll").unwrap(), &sdk).unwrap();
        for (file, _) in FILES {
            let text = fs::read_to_string(dir.join(file)).unwrap();
            assert!(!text.contains("{{") && !text.contains("Counter"), "{file}: {text}");
        }
        assert!(write(&dir, &Name::parse("poll").unwrap(), &sdk).is_err(), "nothing is written over");
    }
}
