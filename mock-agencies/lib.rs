//! Seven mock agencies and the unemployment funds, over one generated population. Never linked into the broker except by
//! its demo.

pub mod facts;
pub mod own_format;
pub mod population;
