//! How much of a document is read at all.

/// Bounds on one document. With the defaults a document costs at most some 12 MiB of memory, whatever is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document as it came.
    pub max_bytes: usize,
    /// Elements inside each other; the root is at depth 1.
    pub max_depth: usize,
    /// Elements and attributes together.
    pub max_nodes: usize,
    /// Attributes on one element, namespace declarations included.
    pub max_attributes_per_element: usize,
    /// Namespace declarations in scope at any one element.
    pub max_namespaces_in_scope: usize,
    /// Whether processing instructions are skipped, unread, and not refused. SOAP has none (1.1, section 3).
    pub skips_instructions: bool,
}

impl Limits {
    /// Of what agencies answer: an instruction there says nothing to us, and costs no answer.
    pub fn of_answers() -> Self {
        Self { skips_instructions: true, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1024 * 1024,
            max_depth: 64,
            max_nodes: 32_768,
            max_attributes_per_element: 64,
            max_namespaces_in_scope: 128,
            skips_instructions: false,
        }
    }
}
