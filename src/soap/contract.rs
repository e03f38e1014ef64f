//! The WSDL and XSD files that clients download. Written for this product; names, order and types are the contract's.

use crate::Version;

const WSDL: &str = include_str!("contract/BastjanstInformation.wsdl");

/// Schemas that both versions import.
const SHARED: [(&str, &str); 7] = [
    ("af.xsd", include_str!("contract/af.xsd")),
    ("skv.xsd", include_str!("contract/skv.xsd")),
    ("so.xsd", include_str!("contract/so.xsd")),
    ("tns.xsd", include_str!("contract/tns.xsd")),
    ("tns-fordon.xsd", include_str!("contract/tns-fordon.xsd")),
    ("tns-person.xsd", include_str!("contract/tns-person.xsd")),
    ("miv.xsd", include_str!("contract/miv.xsd")),
];

/// The service description. `base_url` is the address that clients post to, without query; it becomes the service's
/// location, and every `schemaLocation` becomes `<base_url>?xsd=<name>` (absolute, since some clients resolve a
/// relative one against the folder instead of the page).
pub fn wsdl(version: Version, base_url: &str) -> String {
    let wsdl = WSDL.replace("{version}", &version.number().to_string());
    located(&wsdl, base_url).replace("{location}", &escaped(base_url))
}

/// The schema with that name, as [`wsdl`] and the schemas themselves refer to it; `None` if this version has none such.
pub fn schema(version: Version, name: &str, base_url: &str) -> Option<String> {
    let own = [version.main_schema()];
    let (_, text) = own.iter().chain(&SHARED).find(|(known, _)| *known == name)?;
    Some(located(text, base_url))
}

/// The names that [`schema`] knows for a version.
pub fn schema_names(version: Version) -> Vec<&'static str> {
    [version.main_schema()].iter().chain(&SHARED).map(|(name, _)| *name).collect()
}

fn located(text: &str, base_url: &str) -> String {
    text.replace("schemaLocation=\"", &format!("schemaLocation=\"{}?xsd=", escaped(base_url)))
}

/// For use inside an attribute.
fn escaped(url: &str) -> String {
    url.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use ssbtek_xml::{Element, Limits, parse};

    use super::*;

    const BASE: &str = "https://broker.example/ssbt";

    fn locations(element: &Element, found: &mut Vec<String>) {
        found.extend(element.attr("schemaLocation").map(str::to_owned));
        element.elements().iter().for_each(|child| locations(child, found));
    }

    #[test]
    fn every_schema_that_is_referred_to_is_served() {
        for &version in Version::ALL {
            let mut wanted = vec![];
            let wsdl = wsdl(version, BASE);
            locations(&parse(wsdl.as_bytes(), &Limits::default()).unwrap(), &mut wanted);
            assert_eq!(wanted.len(), 1);
            let mut served = vec![];
            while let Some(location) = wanted.pop() {
                let name = location.strip_prefix("https://broker.example/ssbt?xsd=").unwrap().to_owned();
                if !served.contains(&name) {
                    let text = schema(version, &name, BASE).unwrap();
                    locations(&parse(text.as_bytes(), &Limits::default()).unwrap(), &mut wanted);
                    served.push(name);
                }
            }
            let mut all = schema_names(version);
            all.sort_unstable();
            served.sort_unstable();
            assert_eq!(served, all, "and nothing else is");
        }
    }

    #[test]
    fn one_version_does_not_serve_the_others_schema() {
        assert_eq!(schema(Version::V10, "ssbt-11.xsd", BASE), None);
        assert_eq!(schema(Version::V10, "../ssbt-10.xsd", BASE), None);
    }

    #[test]
    fn an_address_cannot_break_out_of_the_description() {
        let wsdl = wsdl(Version::V11, "https://b.example/?a=1&b=\"<x");
        let root = parse(wsdl.as_bytes(), &Limits::default()).unwrap();
        let port = root.child_named("service").unwrap().child_named("port").unwrap();
        assert_eq!(
            port.child_named("address").unwrap().attr("location"),
            Some("https://b.example/?a=1&b=\"<x")
        );
    }
}
