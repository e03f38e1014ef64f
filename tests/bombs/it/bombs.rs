//! The bombs.

/// The largest body that a connector lets through.
const BYTES: usize = 1024 * 1024;

pub(crate) fn json() -> Vec<(&'static str, Vec<u8>)> {
    let fill = |start: &str, unit: &str, end: &str| {
        let times = (BYTES - start.len() - end.len()) / unit.len();
        [start, &unit.repeat(times), end].concat().into_bytes()
    };
    let keys: String = (0..80_000).map(|n| format!("\"{n}\":0,")).collect();
    vec![
        ("open brackets", fill("", "[", "")),
        ("open objects", fill("", "{\"a\":", "")),
        ("closed nesting", ["[".repeat(BYTES / 2), "]".repeat(BYTES / 2)].concat().into_bytes()),
        ("empty lists", fill("{\"a\":[", "[],", "[]]}")),
        (
            "empty lists in a known list",
            fill("{\"formansinformation\":{\"utbetalningsuppgift\":[", "{},", "{}]}}"),
        ),
        ("zeros in data", fill("{\"skattekonto\":{\"data\":[", "0,", "0]}}")),
        ("many keys", format!("{{{keys}\"z\":0}}").into_bytes()),
        ("the same key", fill("{", "\"utlamnare\":[],", "\"utlamnare\":[]}")),
        ("a number of a megabyte", fill("{\"a\":", "9", "}")),
        (
            "an exponent",
            b"{\"formansinformation\":{\"utbetalningsuppgift\":[{\"nettobelopp\":{\"summa\":1e999999999}}]}}"
                .to_vec(),
        ),
        ("escapes", fill("{\"a\":\"", "\\u0041", "\"}")),
        ("a text that does not end", fill("{\"a\":\"", "x", "")),
        ("not UTF-8", [b"{\"a\":\"".as_slice(), &[0xff; 1000], b"\"}"].concat()),
    ]
}

pub(crate) fn xml() -> Vec<(&'static str, Vec<u8>)> {
    let fill = |start: &str, unit: &str, end: &str| {
        let times = (BYTES - start.len() - end.len()) / unit.len();
        [start, &unit.repeat(times), end].concat().into_bytes()
    };
    let attributes: String = (0..60_000).map(|n| format!(" a{n}=\"\"")).collect();
    let namespaces: String = (0..30_000).map(|n| format!(" xmlns:a{n}=\"urn:{n}\"")).collect();
    let soap = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><a>";
    vec![
        ("DOCTYPE", b"<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><a>&f;</a>".to_vec()),
        ("open elements", fill("", "<a>", "")),
        ("closed nesting", ["<a>".repeat(BYTES / 8), "</a>".repeat(BYTES / 8)].concat().into_bytes()),
        ("empty elements", fill("<a>", "<b/>", "</a>")),
        ("empty elements in SOAP", fill(soap, "<b/>", "</a></s:Body></s:Envelope>")),
        ("many attributes", format!("<a{attributes}/>").into_bytes()),
        ("many namespaces", format!("<a{namespaces}/>").into_bytes()),
        ("many comments", fill("<a>", "<!---->", "</a>")),
        ("character references", fill("<a>", "&#65;", "</a>")),
        ("an unknown entity", fill("<a>", "&x;", "</a>")),
        ("a name of a megabyte", fill("<", "a", "/>")),
        ("half a tag", fill("<a b=\"", "x", "")),
        ("not UTF-8", [b"<a>".as_slice(), &[0xff; 1000], b"</a>"].concat()),
        ("UTF-16 cut in half", [&[0xff, 0xfe][..], &[0x3c, 0x00, 0x61][..]].concat()),
    ]
}
