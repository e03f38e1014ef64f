//! Hardened reading and plain writing of XML: no DOCTYPE, bounded depth and bytes, UTF-8 and UTF-16.
