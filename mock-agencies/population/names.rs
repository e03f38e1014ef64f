//! Names and addresses to draw from. Towns are invented, and no Swedish postal code begins with 99.

use ssbtek_domain::SeededEntropy;

const WOMEN: [&str; 30] = [
    "Alva", "Amina", "Annika", "Astrid", "Birgitta", "Cecilia", "Ebba", "Elin", "Eva-Lena", "Fatima",
    "Greta", "Gunilla", "Hanna", "Ingrid", "Jasmin", "Karin", "Kerstin", "Leila", "Linnéa", "Maja", "Malin",
    "Märta", "Nour", "Petra", "Sara", "Signe", "Sofia", "Ulla", "Vera", "Åsa",
];

const MEN: [&str; 30] = [
    "Adam",
    "Ahmed",
    "Anders",
    "Arvid",
    "Bengt",
    "Björn",
    "Carl-Johan",
    "Daniel",
    "Emil",
    "Erik",
    "Filip",
    "Gustav",
    "Göran",
    "Hassan",
    "Hugo",
    "Isak",
    "Johan",
    "Karim",
    "Lars",
    "Liam",
    "Mikael",
    "Mohamed",
    "Nils",
    "Olof",
    "Oskar",
    "Per",
    "Samuel",
    "Tomas",
    "Viktor",
    "Östen",
];

const FAMILIES: [&str; 36] = [
    "Abdi",
    "Ahlgren",
    "Alm",
    "Andersson",
    "Berg",
    "Björk",
    "Bäckström",
    "Dahl",
    "Ek",
    "Eriksson",
    "Forsberg",
    "Gran",
    "Hassan",
    "Hedlund",
    "Holm",
    "Ibrahim",
    "Johansson",
    "Karlsson",
    "Khalil",
    "Lind",
    "Lindqvist",
    "Lund",
    "Lööf",
    "Mohammadi",
    "Nilsson",
    "Norén",
    "Nyström",
    "Olsson",
    "Persson",
    "Sandberg",
    "Sjögren",
    "Ström",
    "Söderberg",
    "Wallin",
    "Åberg",
    "Öhman",
];

const STREETS: [&str; 20] = [
    "Storgatan",
    "Kyrkogatan",
    "Björkvägen",
    "Skolgatan",
    "Åkervägen",
    "Ängsstigen",
    "Östra Ringvägen",
    "Hamngatan",
    "Lingonstigen",
    "Tallbacken",
    "Järnvägsgatan",
    "Slottsgatan",
    "Klockarvägen",
    "Smedjegatan",
    "Rönnvägen",
    "Sjöstigen",
    "Kvarngatan",
    "Norra Esplanaden",
    "Trädgårdsgatan",
    "Fågelvägen",
];

const TOWNS: [&str; 12] = [
    "Björkhamra",
    "Provköping",
    "Exempelstad",
    "Lindfors by",
    "Mönsterås udde",
    "Testinge",
    "Ådalsbro",
    "Östersjöby",
    "Granhults bruk",
    "Påhittsund",
    "Skenköping",
    "Nordanstrand",
];

/// A given name.
pub(super) fn given(random: &SeededEntropy, man: bool) -> String {
    pick(random, if man { &MEN } else { &WOMEN })
}

/// A family name.
pub(super) fn family(random: &SeededEntropy) -> String {
    pick(random, &FAMILIES)
}

/// Street with number, and postal code with town.
pub(super) fn address(random: &SeededEntropy) -> (String, String) {
    let street = format!("{} {}", pick(random, &STREETS), 1 + random.below(98));
    let postal = format!("99{} {:02} {}", random.below(10), random.below(100), pick(random, &TOWNS));
    (street, postal)
}

fn pick(random: &SeededEntropy, from: &[&str]) -> String {
    from.get(random.below(from.len() as u64) as usize).copied().unwrap_or_default().to_owned()
}
