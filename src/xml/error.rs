//! Why a document was refused.

/// Why a document was refused. Closed; holds no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum XmlError {
    /// More bytes than [`crate::Limits::max_bytes`].
    #[error("the document is larger than allowed")]
    TooManyBytes,
    /// Elements nested deeper than [`crate::Limits::max_depth`].
    #[error("the document is nested deeper than allowed")]
    TooDeep,
    /// More elements and attributes than [`crate::Limits::max_nodes`].
    #[error("the document has more elements and attributes than allowed")]
    TooManyNodes,
    /// More attributes on one element than [`crate::Limits::max_attributes_per_element`].
    #[error("an element has more attributes than allowed")]
    TooManyAttributes,
    /// More namespace declarations in scope than [`crate::Limits::max_namespaces_in_scope`].
    #[error("the document declares more namespaces than allowed")]
    TooManyNamespaces,
    /// A document type declaration.
    #[error("a DOCTYPE is not accepted")]
    Doctype,
    /// A reference to anything but the five predefined entities and characters that XML allows.
    #[error("an entity reference is not accepted")]
    Entity,
    /// A processing instruction.
    #[error("a processing instruction is not accepted")]
    ProcessingInstruction,
    /// None of UTF-8, UTF-16 and ISO-8859-1, or declared as one and written in the other, or broken.
    #[error("the encoding is broken or not UTF-8, UTF-16 or ISO-8859-1")]
    Encoding,
    /// A prefix without a namespace, or a reserved one rebound.
    #[error("a namespace prefix is not declared or wrongly declared")]
    Namespace,
    /// Not well-formed in any other way.
    #[error("the document is not well-formed XML")]
    Malformed,
}
