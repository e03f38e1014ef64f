//! Changes of an XML document, element by element and attribute by attribute, in its text.

use super::{Change, How};

/// One element's place in the text.
struct Place {
    path: Vec<String>,
    /// From `<` of its first tag.
    from: usize,
    /// After that tag.
    inside: usize,
    /// Before its last tag.
    until: usize,
    /// After its last tag.
    to: usize,
}

const NIL: &str = r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true""#;

pub(super) fn changes(text: &str) -> Vec<Change> {
    let mut all = vec![];
    for place in places(text) {
        let Place { path, from, inside, until, to } = &place;
        let (tag, content) = (&text[*from..*inside], &text[*inside..*until]);
        let leaf = !content.contains('<');
        let end = &text[*until..*to];
        let with = |new: String| [&text[..*from], new.as_str(), &text[*to..]].concat().into_bytes();
        let mut add = |how, new: String| {
            all.push(Change { path: path.clone(), how, body: with(new) });
        };
        // Self-closing elements have no content to change.
        if inside == to {
            add(How::LeftOut, String::new());
            continue;
        }
        let root = path.len() == 1;
        if !root {
            add(How::LeftOut, String::new());
            add(How::Twice, text[*from..*to].repeat(2));
        }
        add(How::Empty, format!("{tag}{end}"));
        if !tag.contains("nil") {
            add(How::Nil, format!("{}{NIL}>{end}", &tag[..tag.len() - 1]));
        }
        add(How::OtherType, format!("{tag}???{end}"));
        if leaf && !content.contains('.') && content.trim().parse::<f64>().is_ok() {
            add(
                How::Double,
                format!("{tag}{}.00000000000001{end}", content.trim().split('.').next().unwrap()),
            );
        }
        // Beside its first child, in the same namespace.
        if !leaf {
            let prefix = tag[1..]
                .split([' ', '>'])
                .next()
                .unwrap()
                .split_once(':')
                .map_or(String::new(), |(p, _)| format!("{p}:"));
            add(How::UnknownBeside, format!("{tag}<{prefix}heltNytt>17</{prefix}heltNytt>{content}{end}"));
            add(
                How::FailureBeside,
                format!("{tag}<{prefix}fel><{prefix}kod>17</{prefix}kod></{prefix}fel>{content}{end}"),
            );
        }
        for (name, whole, quoted) in attributes(tag) {
            let path = [path.clone(), vec![format!("@{name}")]].concat();
            let changed = |how, new: String| Change {
                path: path.clone(),
                how,
                body: with(format!("{}{content}{end}", tag.replacen(whole, &new, 1))),
            };
            let left_out = changed(How::LeftOut, String::new());
            let empty = changed(How::Empty, format!("{name}=\"\""));
            let other = changed(How::OtherType, whole.replace(quoted, "\"???\""));
            all.extend([left_out, empty, other]);
        }
    }
    all
}

/// Name, whole text and quoted value of each attribute but declarations.
fn attributes(tag: &str) -> Vec<(&str, &str, &str)> {
    let mut found = vec![];
    let mut rest = tag;
    while let Some(equals) = rest.find("=\"") {
        let start = rest[..equals].rfind(' ').map_or(0, |at| at + 1);
        let end = equals + 2 + rest[equals + 2..].find('"').unwrap() + 1;
        let name = &rest[start..equals];
        if !name.starts_with("xmlns") && !name.contains(':') {
            found.push((name, &rest[start..end], &rest[equals + 1..end]));
        }
        rest = &rest[end..];
    }
    found
}

fn places(text: &str) -> Vec<Place> {
    let (mut done, mut open): (Vec<Place>, Vec<Place>) = (vec![], vec![]);
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|start| start + at) {
        let end = start + text[start..].find('>').unwrap() + 1;
        let tag = &text[start + 1..end - 1];
        let name = tag.split([' ', '/']).next().unwrap();
        let local = name.rsplit(':').next().unwrap().to_owned();
        if tag.starts_with('/') {
            let mut place = open.pop().unwrap();
            (place.until, place.to) = (start, end);
            done.push(place);
        } else if !tag.starts_with('?') {
            let path = open.last().map(|parent| parent.path.clone()).unwrap_or_default();
            let path = [path, vec![local]].concat();
            let place = Place { path, from: start, inside: end, until: end, to: end };
            if tag.ends_with('/') { done.push(place) } else { open.push(place) }
        }
        at = end;
    }
    done
}
