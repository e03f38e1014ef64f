//! What an answer's headers say of how much of it this is.

use http::{HeaderName, HeaderValue, StatusCode, header, response::Parts};

/// Parts of a header's name, without its hyphens, under which it stands that there is more.
const MORE: [&str; 8] =
    ["nextpage", "nextcursor", "nextlink", "nasta", "hasmore", "fler", "continuation", "truncated"];
/// What says that there is none.
const NONE: [&str; 6] = ["", "0", "false", "no", "nej", "null"];

/// The status; that of a part, where one that tells of success comes with a header that says that this is a part, or where the rest is.
pub(super) fn status(head: &Parts) -> StatusCode {
    let is_part = head.status == StatusCode::OK && head.headers.iter().any(says_so);
    if is_part { StatusCode::PARTIAL_CONTENT } else { head.status }
}

fn says_so((name, value): (&HeaderName, &HeaderValue)) -> bool {
    // What is no text says something that nobody knows.
    let told = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    if *name == header::CONTENT_RANGE {
        return true;
    }
    if *name == header::LINK {
        return told.split([';', ',']).any(is_next);
    }
    let name = name.as_str().replace(['-', '_'], "");
    MORE.iter().any(|part| name.contains(part)) && !NONE.contains(&told.as_str())
}

/// `rel=next`, `rel="last next"`
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    name.trim() == "rel" && value.trim().trim_matches(['"', '\'']).split_whitespace().any(|rel| rel == "next")
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    #[test]
    fn a_header_that_says_that_there_is_more_makes_a_part_of_an_answer_and_others_do_not() {
        let status_with = |name: &'static str, value: &'static str| {
            let (head, ()) = Response::builder().header(name, value).body(()).unwrap().into_parts();
            status(&head).as_u16()
        };
        for (name, value) in [
            ("content-range", "items 0-9/250"),
            ("x-next-page", "2"),
            ("next-page-token", "abc"),
            ("link", "</x?page=2>; rel=next"),
            ("link", "</a>; rel=\"prev\", </b>; title=x; REL=\"last next\""),
            ("x-has-more", "true"),
            ("x-ms-continuation", "abc"),
        ] {
            assert_eq!(status_with(name, value), 206, "{name}: {value}");
        }
        for (name, value) in [
            ("link", "</style.css>; rel=stylesheet"),
            ("x-next-page", ""),
            ("x-has-more", "false"),
            ("x-frame-options", "DENY"),
            ("accept-ranges", "bytes"),
            ("x-request-id", "next"),
        ] {
            assert_eq!(status_with(name, value), 200, "{name}: {value}");
        }
        let (failed, ()) = Response::builder()
            .status(500)
            .header("content-range", "items 0-9/250")
            .body(())
            .unwrap()
            .into_parts();
        assert_eq!(status(&failed).as_u16(), 500);
    }
}
