//! A Rust file as rules want to see it: its text, and the words that code is made of, away from comments and tests.
//!
//! This is not a parser. It knows just enough to spell out `use` groups and to tell tests from what ships.

use super::{Finding, workspace};
use anyhow::Result;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree, token_stream};
use std::{iter::Peekable, ops::RangeInclusive, str::FromStr};

/// One Rust file.
pub struct Source {
    /// Relative to the workspace.
    pub path: Utf8PathBuf,
    /// The whole of it.
    pub text: String,
    words: Vec<Word>,
    tests: Vec<RangeInclusive<usize>>,
}

/// A path such as `std::fs::File`, a macro call such as `todo!` or an attribute such as `#[ignore]`, and its line.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    /// With `use std::{fs, net}` spelt out as `std::fs` and `std::net`.
    pub spelling: String,
    /// Counted from 1.
    pub line: usize,
}

/// What to write instead of a word that has no place in some code.
pub struct Ban {
    /// A word, or consecutive segments of a path.
    pub word: &'static str,
    /// What to write instead, as a sentence without its full stop.
    pub instead: &'static str,
}

impl Source {
    /// Reads the file at `path`, which lies under `root`.
    pub fn read(root: &Utf8Path, path: &Utf8Path) -> Result<Source> {
        Source::new(path.strip_prefix(root)?, workspace::read(path)?)
    }

    /// A file with this text.
    pub fn new(path: impl Into<Utf8PathBuf>, text: String) -> Result<Source> {
        let path = path.into();
        let tokens =
            TokenStream::from_str(&text).map_err(|why| anyhow::anyhow!("{path} is not made of Rust tokens: {why}"))?;
        let mut reader = Reader::default();
        reader.read(tokens, "");
        Ok(Source { path, text, words: reader.words, tests: reader.tests })
    }

    /// Whether the whole file is a test or a part of one.
    pub fn is_test(&self) -> bool {
        self.path.file_stem() == Some("tests") || self.path.iter().any(|folder| folder == "tests")
    }

    /// The words outside tests.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| !self.is_test_line(word.line))
    }

    /// All words, those of tests included.
    pub fn all_words(&self) -> &[Word] {
        &self.words
    }

    /// The numbered lines outside tests.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().zip(1..).map(|(text, line)| (line, text)).filter(|(line, _)| !self.is_test_line(*line))
    }

    fn is_test_line(&self, line: usize) -> bool {
        self.is_test() || self.tests.iter().any(|lines| lines.contains(&line))
    }

    /// A finding for each of the `words` that one of the `bans` matches.
    pub fn banned<'a>(&self, words: impl IntoIterator<Item = &'a Word>, bans: &[Ban]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for word in words {
            for ban in bans.iter().filter(|ban| ban.matches(&word.spelling)) {
                let advice = format!("`{}` has no place here: {}", ban.word, ban.instead);
                findings.push(Finding::on_line(&self.path, word.line, advice));
            }
        }
        findings
    }
}

impl Ban {
    /// Whether the banned segments stand somewhere in `spelling`, one after the other.
    fn matches(&self, spelling: &str) -> bool {
        let banned: Vec<&str> = self.word.split("::").collect();
        let segments: Vec<&str> = spelling.split("::").collect();
        segments.windows(banned.len()).any(|window| window == banned)
    }
}

/// Collects words while it walks through tokens.
#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    tests: Vec<RangeInclusive<usize>>,
}

type Tokens = Peekable<token_stream::IntoIter>;

impl Reader {
    /// Reads `tokens`; `prefix` is what stands before the braces of a `use` group.
    fn read(&mut self, tokens: TokenStream, prefix: &str) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(first) => self.path(format!("{prefix}{first}"), line_of(&first.into()), &mut tokens),
                TokenTree::Group(group) => self.read(group.stream(), ""),
                TokenTree::Punct(mark) if mark.as_char() == '#' => self.attribute(line_of(&mark.into()), &mut tokens),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Reads on after the first segment of a path.
    fn path(&mut self, mut path: String, line: usize, tokens: &mut Tokens) {
        while skip_path_separator(tokens) {
            match tokens.peek() {
                Some(TokenTree::Ident(segment)) => {
                    path = format!("{path}::{segment}");
                    tokens.next();
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group = group.stream();
                    tokens.next();
                    return self.read(group, &format!("{path}::"));
                }
                _ => break,
            }
        }
        if is_mark(tokens.peek(), '!', Spacing::Alone) {
            path.push('!');
        }
        self.words.push(Word { spelling: path, line });
    }

    /// Reads on after `#`: notes `#[ignore]`, and the lines of what follows `#[cfg(test)]`.
    fn attribute(&mut self, line: usize, tokens: &mut Tokens) {
        let Some(attribute) = next_bracket(tokens) else { return };
        match attribute.stream().to_string().replace(' ', "").as_str() {
            text if text == "cfg(test)" || text.starts_with("cfg(all(test,") => {
                let end = self.read_item(tokens).unwrap_or(line);
                self.tests.push(line..=end);
            }
            text if text.starts_with("ignore") => self.words.push(Word { spelling: "#[ignore]".into(), line }),
            _ => self.read(attribute.stream(), ""),
        }
    }

    /// Reads on to the end of an item, its body or semicolon included, and returns its last line.
    fn read_item(&mut self, tokens: &mut Tokens) -> Option<usize> {
        let mut item = Vec::new();
        for token in tokens {
            let is_body = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            let is_end = is_body || is_mark(Some(&token), ';', Spacing::Alone);
            item.push(token);
            if is_end {
                break;
            }
        }
        let end = item.last()?.span().end().line;
        self.read(item.into_iter().collect(), "");
        Some(end)
    }
}

fn line_of(token: &TokenTree) -> usize {
    token.span().start().line
}

fn is_mark(token: Option<&TokenTree>, mark: char, spacing: Spacing) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark && punct.spacing() == spacing)
}

/// Steps over `::` where it is next.
fn skip_path_separator(tokens: &mut Tokens) -> bool {
    let found = is_mark(tokens.peek(), ':', Spacing::Joint);
    if found {
        tokens.nth(1);
    }
    found
}

/// The bracket of an attribute, of an inner one too.
fn next_bracket(tokens: &mut Tokens) -> Option<Group> {
    tokens.next_if(|token| is_mark(Some(token), '!', Spacing::Alone));
    match tokens.next_if(|token| matches!(token, TokenTree::Group(_)))? {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let source = Source::new("sample.rs", text.into()).unwrap();
        let words: Vec<_> = source.words().map(|word| format!("{} {}", word.line, word.spelling)).collect();
        expected.assert_eq(&words.join("\n"));
    }

    #[test]
    fn use_groups_are_spelt_out() {
        check(
            "use std::{fs, net::{self, TcpStream}};\nuse b::*;",
            expect![[r#"
            1 use
            1 std::fs
            1 std::net::self
            1 std::net::TcpStream
            2 use
            2 b"#]],
        );
    }

    #[test]
    fn comments_and_texts_are_no_words() {
        check(
            "/// tokio\n// std::fs\nlet a = \"tokio\";",
            expect![[r#"
            1 doc
            3 let
            3 a"#]],
        );
    }

    #[test]
    fn macros_keep_their_mark_and_inequality_is_none() {
        check(
            "todo!(); x != y; std::println!(\"{}\", rand::random());",
            expect![[r#"
            1 todo!
            1 x
            1 y
            1 std::println!
            1 rand::random"#]],
        );
    }

    #[test]
    fn tests_are_set_apart() {
        check(
            "a;\n#[cfg(test)]\nmod tests {\n  b;\n}\nc;\n#[cfg(all(test, unix))] mod d; e;\n#[cfg(feature = \"f\")]\ng;",
            expect![[r#"
                1 a
                6 c
                8 cfg
                8 feature
                9 g"#]],
        );
    }

    #[test]
    fn ignored_tests_are_seen() {
        check(
            "#[test]\n#[ignore = \"slow\"]\nfn a() {}",
            expect![[r#"
            1 test
            2 #[ignore]
            3 fn
            3 a"#]],
        );
    }

    #[test]
    fn bans_match_whole_segments() {
        let ban = Ban { word: "std::fs", instead: "" };
        assert!(ban.matches("std::fs") && ban.matches("::std::fs::File"));
        assert!(!ban.matches("std::fsync") && !ban.matches("fs"));
    }
}
