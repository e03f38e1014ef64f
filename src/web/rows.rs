//! The table of every page and every form: who, what it spends, what it records. `site.rs` enforces it, docs/API.md shows it.

use http::Method;

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anybody,
    /// Any account that has signed in and stands.
    SignedIn,
    /// An account that has signed in and may ask. The case is judged where it is opened, the question where it is asked.
    Asker,
}

/// What is left in the log before anything is shown. A refusal leaves its own, as everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// The question before anybody is asked, and the answer before it is shown.
    Question,
    /// The change, in the same transaction.
    Change,
    /// That it was read, by whom and by what it was selected.
    Reading,
    /// Nothing: it tells of no person, case or log.
    Nothing,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What the log calls it where it is refused.
    pub name: &'static str,
    /// `GET` shows, `POST` does.
    pub posts: bool,
    /// Its address; `*` stands for a name that means something in one session only.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
    /// Whether the form's one-time token is spent, once and for all, like an assertion.
    pub spends: bool,
    /// What it records.
    pub records: Records,
}

macro_rules! rows {
    ($($route:ident $verb:ident $path:literal: $who:ident, $spends:literal => $records:ident;)+) => {
        /// Everything that can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Route {
            $(#[doc = $path] $route,)+
        }

        /// Every row, in the order of [`Route`].
        pub static ROWS: &[(Route, Row)] = &[$((Route::$route, Row {
            name: concat!("web ", stringify!($route)),
            posts: matches!(stringify!($verb).as_bytes(), b"POST"),
            path: $path,
            who: Who::$who,
            spends: $spends,
            records: Records::$records,
        }),)+];
    };
}

rows! {
    Start GET "/": Anybody, false => Nothing;
    Style GET "/stil.css": Anybody, false => Nothing;
    Language GET "/sprak/*": Anybody, false => Nothing;
    SignIn GET "/in": Anybody, false => Nothing;
    SignedIn GET "/in/klar": Anybody, false => Nothing;
    SignOut POST "/ut": SignedIn, false => Nothing;
    Instructions POST "/instruktioner": SignedIn, true => Change;
    FindCase POST "/arende": Asker, true => Reading;
    Case GET "/arende/*": Asker, false => Reading;
    Ask POST "/arende/*/fraga": Asker, true => Question;
    Answer GET "/svar/*": Asker, false => Reading;
    AskAgain POST "/svar/*/igen": Asker, true => Question;
}

/// What is asked for, with the name in its address; `Err`: whether the address exists with another method.
pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Result<(Route, &'static Row, &'p str), bool> {
    let mut elsewhere = false;
    for (route, row) in ROWS {
        let Some(name) = matched(row.path, path) else { continue };
        match (row.posts, method) {
            (true, &Method::POST) | (false, &Method::GET) => return Ok((*route, row, name)),
            _ => elsewhere = true,
        }
    }
    Err(elsewhere)
}

fn matched<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let Some((before, after)) = pattern.split_once('*') else { return (pattern == path).then_some("") };
    let name = path.strip_prefix(before)?.strip_suffix(after)?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(name)
}

/// The table as docs/API.md shows it.
pub fn markdown() -> String {
    let mut table = "| address | | who | spends | records |\n|---|---|---|---|---|\n".to_owned();
    for (_, row) in ROWS {
        let verb = if row.posts { "POST" } else { "GET" };
        let who = match row.who {
            Who::Anybody => "anybody",
            Who::SignedIn => "any account that has signed in",
            Who::Asker => "an account with `DUTY_ASKS` that has signed in, in a case of its own",
        };
        let spends = if row.spends { "the form's token" } else { "–" };
        let records = match row.records {
            Records::Question => "question and answer",
            Records::Change => "the change",
            Records::Reading => "the reading",
            Records::Nothing => "–",
        };
        table.push_str(&format!("| `{}` | {verb} | {who} | {spends} | {records} |\n", row.path));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_to_one_row_and_every_form_that_does_something_spends_its_token() {
        for (route, row) in ROWS {
            let method = if row.posts { Method::POST } else { Method::GET };
            let path = row.path.replace('*', "abc123");
            assert_eq!(find(&method, &path).map(|(found, ..)| found), Ok(*route));
            let other = if row.posts { Method::PUT } else { Method::DELETE };
            assert_eq!(find(&other, &path), Err(true));
            assert_eq!(row.spends, row.posts && row.records != Records::Nothing, "{}", row.path);
            assert!(!row.posts || row.who != Who::Anybody, "{}", row.path);
        }
        for nothing in
            ["", "/arende/", "/arende/a/b", "/svar/a-b", "/svar/..", "/stil.css/", "/arende/%41/fraga"]
        {
            assert_eq!(find(&Method::GET, nothing), Err(false), "{nothing}");
        }
    }

    #[test]
    fn the_table_that_is_published_is_this_one() {
        let published = include_str!("../../docs/API.md");
        assert!(published.contains(&markdown()), "docs/API.md should hold:\n{}", markdown());
    }
}
