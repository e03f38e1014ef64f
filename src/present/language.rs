//! The languages.

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, where nobody says otherwise.
    #[default]
    English,
    /// Swedish.
    Swedish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Swedish];

    /// Of a code: `sv` or `en`.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "sv" => Some(Self::Swedish),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Of a locale in the manner of POSIX: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that says something decides.
    pub fn of_locale(variables: [Option<&str>; 3]) -> Self {
        let said = variables.into_iter().flatten().find(|value| !value.is_empty()).unwrap_or_default();
        let language = said.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self::parse(&language.to_ascii_lowercase()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        let of = |all, messages, lang| Language::of_locale([all, messages, lang]);
        assert_eq!(of(None, None, None), Language::English);
        assert_eq!(of(None, None, Some("sv_SE.UTF-8")), Language::Swedish);
        assert_eq!(of(None, Some("sv"), Some("en_GB.UTF-8")), Language::Swedish);
        assert_eq!(of(Some("C.UTF-8"), Some("sv_SE"), Some("sv_SE")), Language::English);
        assert_eq!(of(Some(""), None, Some("sv_FI@euro")), Language::Swedish);
        assert_eq!(of(None, None, Some("svx_SE")), Language::English, "another language");
        assert_eq!(of(None, None, Some("de_DE")), Language::English, "no text in German");
    }
}
