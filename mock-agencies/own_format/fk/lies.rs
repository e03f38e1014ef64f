//! Scripts that break the document itself, and what is written where there is nothing to tell.

use serde_json::{Value, json};
use ssbtek_domain::sections::fk::Section;

/// FK's object, though it be empty: without it nobody has said that there is nothing.
pub(super) fn with_object(answer: String) -> String {
    match answer.contains(r#""formansinformation":{"#) {
        true => answer,
        false => answer.replacen('{', r#"{"formansinformation":{},"#, 1),
    }
}

/// The answer as `script` has it.
pub(super) fn tell(answer: String, section: &Section, script: &str) -> String {
    let net = "/formansinformation/utbetalningsuppgift/0/nettobelopp/summa";
    match script {
        "other-person" => named(answer, section, "198001019804"),
        "ten-digits" => {
            let own = section.person.as_ref().map(|person| person.ten_digits());
            named(answer, section, own.unwrap_or_default())
        }
        "unknown-code" => {
            put(&answer, "/utbetalningar/0/utbetalningsrader/0/beloppstyp/kod", json!("PM:NYTT"))
        }
        "unknown-list" => answer.replacen(
            r#""formansinformation":{"#,
            r#""formansinformation":{"nyttarende":[{"aktivt":true}],"#,
            1,
        ),
        "too-fine" => put(&answer, net, json!(1234.00001)),
        "wrong-type" => put(&answer, net, json!("1234")),
        "exponent" => with_exponents(&answer),
        _ => answer,
    }
}

/// The person by another number.
fn named(answer: String, section: &Section, number: &str) -> String {
    let Some(person) = &section.person else { return answer };
    let own = format!(r#""personnummer":"{}""#, person.expose());
    answer.replacen(&own, &format!(r#""personnummer":"{number}""#), 1)
}

/// Another value at a place that is there.
fn put(answer: &str, place: &str, value: Value) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(answer) else { return answer.to_owned() };
    if let Some(old) = document.pointer_mut(place) {
        *old = value;
    }
    document.to_string()
}

/// Whole hundreds as `12E2`.
fn with_exponents(json: &str) -> String {
    let (mut out, mut number) = (String::new(), String::new());
    let (mut in_text, mut escaped) = (false, false);
    for c in json.chars() {
        if !in_text && matches!(c, '0'..='9' | '-' | '.') {
            number.push(c);
            continue;
        }
        match number.strip_suffix("00").filter(|hundreds| !hundreds.contains('.')) {
            Some("") => out.push_str("0E2"),
            Some(hundreds) => out.push_str(&format!("{hundreds}E2")),
            None => out.push_str(&number),
        }
        number.clear();
        out.push(c);
        in_text ^= c == '"' && !escaped;
        escaped = in_text && c == '\\' && !escaped;
    }
    out
}
