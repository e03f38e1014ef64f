//! Elements that stand on their own: every namespace that one uses is declared on it.

use ssbtek_xml::Writer;

/// One element in the default namespace given (`""` for none).
pub(crate) fn alone(namespace: &str, name: &str, content: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    writer.open(name);
    if !namespace.is_empty() {
        writer.namespace("", namespace);
    }
    writer.with(content).finish()
}

/// One element that holds only text.
pub(crate) fn alone_with_text(namespace: &str, name: &str, text: &str) -> String {
    alone(namespace, name, |writer| {
        writer.text(text);
    })
}

pub(crate) fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
