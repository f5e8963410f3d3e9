//! The rules of `#[serde(rename_all = "...")]`, letter for letter as serde applies them.

/// How names are written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Case {
    #[default]
    AsWritten,
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// The rule of this name. Serde reports those that there are not.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "lowercase" => Case::Lower,
            "UPPERCASE" => Case::Upper,
            "PascalCase" => Case::Pascal,
            "camelCase" => Case::Camel,
            "snake_case" => Case::Snake,
            "SCREAMING_SNAKE_CASE" => Case::ScreamingSnake,
            "kebab-case" => Case::Kebab,
            "SCREAMING-KEBAB-CASE" => Case::ScreamingKebab,
            _ => Case::AsWritten,
        }
    }

    /// This rule, or the other where none was given.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Case::AsWritten { other } else { self }
    }

    /// A field is taken to be written in snake case.
    pub(crate) fn of_field(self, name: &str) -> String {
        match self {
            Case::AsWritten | Case::Lower | Case::Snake => name.to_owned(),
            Case::Upper | Case::ScreamingSnake => name.to_ascii_uppercase(),
            Case::Pascal => name.split('_').map(|word| first(word, char::to_ascii_uppercase)).collect(),
            Case::Camel => first(&Case::Pascal.of_field(name), char::to_ascii_lowercase),
            Case::Kebab => name.replace('_', "-"),
            Case::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// A variant is taken to be written in Pascal case.
    pub(crate) fn of_variant(self, name: &str) -> String {
        match self {
            Case::AsWritten | Case::Pascal => name.to_owned(),
            Case::Lower => name.to_ascii_lowercase(),
            Case::Upper => name.to_ascii_uppercase(),
            Case::Camel => first(name, char::to_ascii_lowercase),
            Case::Snake => {
                let mut snake = String::new();
                for (at, letter) in name.char_indices() {
                    if at > 0 && letter.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(letter.to_ascii_lowercase());
                }
                snake
            }
            Case::ScreamingSnake => Case::Snake.of_variant(name).to_ascii_uppercase(),
            Case::Kebab => Case::Snake.of_variant(name).replace('_', "-"),
            Case::ScreamingKebab => Case::ScreamingSnake.of_variant(name).replace('_', "-"),
        }
    }
}

fn first(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().iter().map(change).chain(letters).collect()
}
