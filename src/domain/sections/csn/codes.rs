//! CSN's published codes. A code outside them is kept as it came and noted.

const SUPPORT: [&str; 18] = [
    "GRUND", "GRUNDU", "MLÅN", "MLÅNU", "TLÅN", "TILB", "SH", "SHU", "SB", "SBU", "EXTRA", "EXTRAU", "INACK",
    "INACKU", "LÄRLE", "HUT", "SSSTÖD", "OSS",
];

const AMOUNT: [&str; 16] = [
    "GRUNDB", "GRUNDF", "GRUNDL", "GRUNFL", "MERKL", "TILL", "TILB", "EXTRA", "INACK", "STUDB", "LÄRERS",
    "HUT", "STÖDB", "STÖDT", "OSSBID", "OSSLÅN",
];

/// Whether `code` is a published form of support (`stodform`).
pub fn is_support_code(code: &str) -> bool {
    SUPPORT.contains(&code)
}

/// Whether `code` is a published type of amount (`beloppstyp`).
pub fn is_amount_code(code: &str) -> bool {
    AMOUNT.contains(&code)
}
