//! Reads `--name value` from the command line.

use crate::Result;
use std::fmt::Display;
use std::str::FromStr;

/// What stands on the command line and is not read yet.
#[derive(Debug)]
pub struct Args {
    words: Vec<String>,
}

impl Args {
    /// The words after the program's name.
    pub fn from_env() -> Self {
        Args { words: std::env::args().skip(1).collect() }
    }

    /// The value after `name`, every time that it stands there.
    ///
    /// # Errors
    ///
    /// `name` is the last word.
    pub fn all(&mut self, name: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        while let Some(at) = self.words.iter().position(|word| word == name) {
            if at + 1 >= self.words.len() {
                return Err(format!("`{name}` needs a value").into());
            }
            values.push(self.words.remove(at + 1));
            self.words.remove(at);
        }
        Ok(values)
    }

    /// The value after `name`, or `default`.
    ///
    /// # Errors
    ///
    /// The value cannot be read.
    pub fn get<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> Result<T> {
        match self.all(name)?.pop() {
            Some(text) => text.parse().map_err(|error| format!("`{name} {text}`: {error}").into()),
            None => Ok(default),
        }
    }

    /// The values after `name`, separated by commas, or those of `default`.
    ///
    /// # Errors
    ///
    /// A value cannot be read.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str, default: &str) -> Result<Vec<T>> {
        let text = self.get(name, default.to_owned())?;
        let words = text.split(',').filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|error| format!("`{name} {word}`: {error}").into())).collect()
    }

    /// Whether the word `name` is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// The first word, where it is no option. Behind options that are not read
    /// yet it could be the value of one.
    pub fn word(&mut self) -> Option<String> {
        let is_word = self.words.first().is_some_and(|word| !word.starts_with("--"));
        is_word.then(|| self.words.remove(0))
    }

    /// Refuses whatever was not read: a typo must not change what is measured.
    ///
    /// # Errors
    ///
    /// Something is left.
    pub fn finish(self) -> Result<()> {
        match self.words.first() {
            Some(word) => Err(format!("unknown option `{word}`").into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Args {
        Args { words: text.split(' ').map(str::to_owned).collect() }
    }

    #[test]
    fn options_and_flags_may_stand_in_any_order() {
        let mut args = args("memory --rounds 9 --header a --quick --header b --conns 64,256");
        assert_eq!(args.word().as_deref(), Some("memory"));
        assert_eq!(args.word(), None);
        assert_eq!(args.get("--rounds", 1).unwrap(), 9);
        assert_eq!(args.get("--seconds", 1.5).unwrap(), 1.5);
        assert_eq!(args.all("--header").unwrap(), ["a", "b"]);
        assert_eq!(args.list::<usize>("--conns", "1").unwrap(), [64, 256]);
        assert!(args.flag("--quick"));
        args.finish().unwrap();
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!(args("--round 9").finish().unwrap_err().to_string(), "unknown option `--round`");
        assert_eq!(
            args("--rounds x").get("--rounds", 1).unwrap_err().to_string(),
            "`--rounds x`: invalid digit found in string"
        );
    }
}
