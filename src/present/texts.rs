//! Every text in both languages, side by side: a text that lacks one does not compile.

pub mod answer;
pub mod client;
pub mod months;
pub mod notes;
pub mod outcomes;

/// A table of texts: name, Swedish, English. Each becomes a function of the language, and of what stands in braces.
#[macro_export]
macro_rules! texts {
    ($($name:ident $(($($of:ident),+))?: $swedish:literal, $english:literal;)+) => {
        $($crate::texts!(@ $name $(($($of),+))? $swedish $english);)+

        /// Name, Swedish, English.
        #[cfg(test)]
        pub(crate) const TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $swedish, $english)),+];
    };
    (@ $name:ident $swedish:literal $english:literal) => {
        #[doc = $english]
        pub fn $name(language: $crate::Language) -> &'static str {
            match language {
                $crate::Language::Swedish => $swedish,
                $crate::Language::English => $english,
            }
        }
    };
    (@ $name:ident ($($of:ident),+) $swedish:literal $english:literal) => {
        #[doc = $english]
        pub fn $name(language: $crate::Language, $($of: impl ::std::fmt::Display),+) -> String {
            match language {
                $crate::Language::Swedish => format!($swedish),
                $crate::Language::English => format!($english),
            }
        }
    };
}

#[cfg(test)]
mod tests {
    /// What stands in braces, in alphabetical order.
    fn braces(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn both_languages_tell_the_same_things() {
        for (name, swedish, english) in [
            super::answer::TABLE,
            super::client::TABLE,
            super::months::TABLE,
            super::notes::TABLE,
            super::outcomes::TABLE,
        ]
        .concat()
        {
            assert_eq!(braces(swedish), braces(english), "{name}");
            assert!(!swedish.is_empty() && !english.is_empty(), "{name}");
        }
    }
}
