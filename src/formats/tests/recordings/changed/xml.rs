//! Changes of an XML document, element by element and attribute by attribute, in its text.

use super::{Change, How, in_other_case};

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
        for (how, new) in
            [(How::Renamed, "nyttNamn".to_owned()), (How::OtherCase, in_other_case(path.last().unwrap()))]
        {
            if path.len() > 1 {
                add(how, renamed(&text[*from..*to], path.last().unwrap(), &new));
            }
        }
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
        add(How::NilAndThere, format!("{}{NIL}>{content}{end}", &tag[..tag.len() - 1]));
        if leaf && !content.trim().is_empty() && !root {
            let name = path.last().unwrap();
            let escaped: String = content.chars().map(|c| format!("&#{};", c as u32)).collect();
            add(How::Rewritten, format!("{tag}<![CDATA[{content}]]>{end}"));
            // An entity of the document's own text would be written twice.
            if !content.contains('&') {
                add(How::Rewritten, format!("{tag}\n {escaped}<!-- x -->\t{end}"));
            }
            add(How::Wrapped, format!("{tag}<varde>{content}</varde>{end}"));
            add(How::AsAttribute, format!("{} varde=\"{content}\"></{}", &tag[..tag.len() - 1], &end[2..]));
            add(How::Blank, format!("{tag} \n\t {end}"));
            // On the tag around it, which is the last one that was opened before it.
            let around = path[..path.len() - 1].last().unwrap();
            let before = &text[..*from];
            if let Some(at) = before.rfind(&format!("{around}>")).filter(|at| !before[..*at].ends_with('/')) {
                let at = at + around.len();
                let moved = [&text[..at], &format!(" {name}=\"{content}\""), &text[at..*from], &text[*to..]];
                let is_tag =
                    before[..at].rfind('<').is_some_and(|open| !before[open..at].contains(['/', '>']));
                if is_tag {
                    all.push(Change {
                        path: path.clone(),
                        how: How::AsAttribute,
                        body: moved.concat().into_bytes(),
                    });
                }
            }
        }
        let mut add = |how, new: String| {
            all.push(Change { path: path.clone(), how, body: with(new) });
        };
        // Beside its first child, in the same namespace.
        if !leaf {
            let prefix = tag[1..]
                .split([' ', '>'])
                .next()
                .unwrap()
                .split_once(':')
                .map_or(String::new(), |(p, _)| format!("{p}:"));
            add(How::UnknownBeside, format!("{tag}<{prefix}heltNytt>10:15</{prefix}heltNytt>{content}{end}"));
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
            let by = |new: &str| whole.replacen(name, new, 1);
            let renamed = changed(How::Renamed, by("nyttNamn"));
            let cased = changed(How::OtherCase, by(&in_other_case(name)));
            all.extend([left_out, empty, other, renamed, cased]);
        }
    }
    all
}

/// That text in place of each leaf's and attribute's, and as a new element within each other element.
pub(super) fn put(text: &str, new: &str) -> Vec<(Vec<String>, String)> {
    let mut all = vec![];
    for Place { path, from, inside, until, to } in places(text) {
        let (tag, content, end) = (&text[from..inside], &text[inside..until], &text[until..to]);
        let with = |middle: String| [&text[..from], middle.as_str(), &text[to..]].concat();
        for (name, whole, quoted) in attributes(tag) {
            let path = [path.clone(), vec![format!("@{name}")]].concat();
            let changed = tag.replacen(whole, &whole.replace(quoted, &format!("\"{new}\"")), 1);
            all.push((path, with(format!("{changed}{content}{end}"))));
        }
        if inside == to {
            continue;
        }
        match content.contains('<') {
            true => {
                all.push((path, with(format!("{tag}<heltNytt><kod>{new}</kod></heltNytt>{content}{end}"))))
            }
            false => all.push((path, with(format!("{tag}{new}{end}")))),
        }
    }
    all
}

/// Whether an element holds others, or has an empty text of its own where it may.
fn holds_elements(text: &str, place: &Place) -> bool {
    text[place.inside..place.until].contains('<')
}

fn prefix(tag: &str) -> String {
    let name = tag[1..].split([' ', '>', '/']).next().unwrap();
    name.split_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"))
}

/// That field as an attribute of each element, and as an element within each that holds others.
pub(super) fn with_field(text: &str, name: &str, value: &str) -> Vec<(String, String)> {
    let mut all = vec![];
    for place in places(text) {
        let path = place.path.join("/");
        let tag = &text[place.from..place.inside];
        let at = place.from + 1 + tag[1..].find([' ', '>', '/']).unwrap();
        let attribute = format!(" {name}=\"{value}\"");
        if !tag.contains(&attribute[..name.len() + 2]) {
            all.push((format!("{path}/@{name}"), [&text[..at], &attribute, &text[at..]].concat()));
        }
        // What stands in an envelope beside its parts makes it none.
        if holds_elements(text, &place) && !matches!(place.path.last().unwrap().as_str(), "Envelope" | "Body")
        {
            let prefix = prefix(tag);
            let child = format!("<{prefix}{name}>{value}</{prefix}{name}>");
            let (head, tail) = text.split_at(place.until);
            all.push((format!("{path}/{name}"), [head, &child, tail].concat()));
        }
    }
    all
}

/// Each element that holds others once more: in another namespace beside itself, and within itself; and by another name within what is
/// around it. Each text beside elements, and within an element of its own.
pub(super) fn once_more(text: &str) -> Vec<(String, String)> {
    let mut all = vec![];
    for place in places(text).into_iter().filter(|place| holds_elements(text, place)) {
        let path = place.path.join("/");
        let name = place.path.last().unwrap();
        let (tag, whole) = (&text[place.from..place.inside], &text[place.from..place.to]);
        if !matches!(name.as_str(), "Envelope" | "Body") {
            let mixed = [&text[..place.inside], "Arkiverade", &text[place.inside..]].concat();
            all.push((format!("{path} (words)"), mixed));
        }
        // One answer, question or person; a second one is judged by itself.
        let once = ["Envelope", "Body", "Fraga", "GemensamtFragaEkbistand", "beskattningsuppgifter"];
        if place.path.len() < 3 && !text.contains("<svar>") || once.contains(&name.as_str()) {
            continue;
        }
        let inside = &text[place.inside..place.until];
        let foreign = format!("<{name} xmlns=\"urn:x\">{inside}</{name}>");
        all.push((format!("{path} (foreign)"), [&text[..place.to], &foreign, &text[place.to..]].concat()));
        all.push((
            format!("{path} (nested)"),
            [&text[..place.inside], whole, &text[place.inside..]].concat(),
        ));
        let other = renamed(whole, name, "AndraUppgifter");
        all.push((format!("{path} (renamed)"), [&text[..place.to], &other, &text[place.to..]].concat()));
        let _ = tag;
    }
    all
}

/// An element by another name; its prefix and all that stands in it stay.
fn renamed(element: &str, name: &str, new: &str) -> String {
    let tag_end = element.find(['>', ' ', '/']).unwrap();
    let head = element[..tag_end].strip_suffix(name).unwrap();
    let (inside, end) = match element[tag_end..].rsplit_once("</") {
        Some((inside, end)) => {
            (inside, format!("</{}{new}>", end.strip_suffix(&format!("{name}>")).unwrap()))
        }
        None => (&element[tag_end..], String::new()),
    };
    format!("{head}{new}{inside}{end}")
}

/// The document in which the first element of that name stands twice, the second by another name.
pub(super) fn renamed_beside(text: &str, name: &str) -> String {
    let all = places(text);
    let Place { path, from, to, .. } =
        all.iter().filter(|place| place.path.last().unwrap() == name).min_by_key(|place| place.from).unwrap();
    let second = renamed(&text[*from..*to], path.last().unwrap(), "nyttNamn");
    [&text[..*to], second.as_str(), &text[*to..]].concat()
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
