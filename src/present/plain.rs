//! Text that cannot steer whatever shows it.

/// The text without control characters and without those that cannot be seen or turn the direction of writing: white space becomes
/// a space, all else is dropped. What is left may still be markup: whoever writes HTML escapes it.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\u{2028}' | '\u{2029}' => Some(' '),
            c if is_unseen(c) => None,
            c if c.is_control() => c.is_whitespace().then_some(' '),
            c => Some(c),
        })
        .collect()
}

/// Unicode's format characters (Cf) and the like: nobody sees them, and some of them turn or hide what stands beside them.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agencys_text_cannot_steer_the_screen() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc\u{202e}d\u{7}"), "a[2Jb  cd");
        assert_eq!(plain("\u{9b}31mAnna\u{61c}\u{2067} Berg\u{200b}\u{feff}\u{e0041}"), "31mAnna Berg");
        assert_eq!(plain("<b>Åsa</b> & Örjan\u{a0}O\u{2019}Neill"), "<b>Åsa</b> & Örjan\u{a0}O\u{2019}Neill");
    }
}
