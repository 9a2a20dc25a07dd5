//! What is wrong with a configuration: file, key and remedy.

use std::path::{Path, PathBuf};

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No such file, or no right to read it.
    #[error("{}: cannot be read; copy one from examples/config and name it with --config", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key is unknown, missing, or its value makes no sense.
    #[error("{}: {key}: {message}; {remedy}", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// Dotted path of the key.
        key: String,
        /// What is wrong.
        message: String,
        /// How to mend it.
        remedy: String,
    },
}

impl ConfigError {
    pub(super) fn value(file: &Path, key: &str, message: &str, remedy: &str) -> Self {
        let (key, message, remedy) = (key.to_owned(), message.to_owned(), remedy.to_owned());
        Self::Value { file: file.to_path_buf(), key, message, remedy }
    }

    /// An error of the parser, which knows the place in the text but not the key.
    pub(super) fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let line = text[..offset].matches('\n').count() + 1;
        let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let key = match missing {
            Some(name) => join(&table_at(text, offset), name),
            None => key_at(text, offset),
        };
        let key = if key.is_empty() { format!("line {line}") } else { format!("{key} (line {line})") };
        let message = error.message().replace('\n', " ");
        Self::value(file, &key, &message, "`garant config` lists every key with its default")
    }
}

/// The table in whose lines the place lies: the last header before it.
fn table_at(text: &str, offset: usize) -> String {
    let line_end = text[offset..].find('\n').map_or(text.len(), |end| offset + end);
    let header = |line: &str| {
        let line = line.trim();
        line.strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
            .map(|name| name.trim_matches('[').trim().to_owned())
    };
    text[..line_end].lines().rev().find_map(header).unwrap_or_default()
}

fn key_at(text: &str, offset: usize) -> String {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    match line.split_once('=') {
        Some((name, _)) => join(&table_at(text, offset), name.trim()),
        None => table_at(text, offset),
    }
}

fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}
