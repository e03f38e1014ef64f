//! `felkod`: the composite service's own codes. The published contract has the field but no public list, so these are
//! ours; they are stable, and a client may switch on them.

macro_rules! fault_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A code in `felkod`, of a fault or of an agency's `error` with `kalla` SSBT.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FaultCode {
            $($(#[$doc])* $name,)*
        }

        impl FaultCode {
            /// Every code.
            pub const ALL: &[FaultCode] = &[$(FaultCode::$name),*];

            /// The text in `felkod`.
            pub fn as_str(self) -> &'static str {
                match self { $(FaultCode::$name => $text),* }
            }
        }
    };
}

fault_codes! {
    /// `Content-Type` is missing, or is not `text/xml` in UTF-8 or UTF-16 (MTOM and multipart included).
    ContentType = "SSBT_INNEHALLSTYP";
    /// More bytes, depth, elements or attributes than a question can need.
    TooLarge = "SSBT_FOR_STOR";
    /// Not well-formed XML, or XML with a DOCTYPE, entities or processing instructions.
    Xml = "SSBT_XML";
    /// Not an envelope of SOAP 1.1 with one body and one element in it.
    Envelope = "SSBT_KUVERT";
    /// The envelope is of SOAP 1.2 or of no known version.
    SoapVersion = "SSBT_SOAP_VERSION";
    /// A header must be understood and is not.
    Header = "SSBT_HUVUD";
    /// The element in the body belongs to no version of the contract that is spoken here.
    ContractVersion = "SSBT_NAMNRYMD";
    /// The contract has no such operation.
    Operation = "SSBT_OPERATION";
    /// A required element or attribute is missing.
    Missing = "SSBT_SAKNAS";
    /// An element or attribute holds what the contract or the law does not allow.
    Invalid = "SSBT_OGILTIGT";
    /// An element stands where the contract has none, or more often than it may.
    Unexpected = "SSBT_OVANTAT";
    /// The caller is not allowed to ask this.
    NotPermitted = "SSBT_EJ_TILLATEN";
    /// The broker is too busy just now.
    Busy = "SSBT_UPPTAGEN";
    /// The broker itself failed.
    Internal = "SSBT_INTERNT_FEL";
    /// An agency did not answer in time.
    TimedOut = "SSBT_TIDSGRANS";
    /// An agency could not be reached, or is not asked for a while since it fails.
    NotReachable = "SSBT_EJ_NABAR";
    /// An agency's answer broke its contract or was about another person, and was refused whole.
    AnswerRefused = "SSBT_SVAR_AVVISAT";
    /// Who answered in an agency's name could not prove to be it, and was told nothing.
    IdentityRefused = "SSBT_EJ_AKTA";
    /// An agency answered in a form that this version of the contract cannot carry.
    OtherVersion = "SSBT_ANNAN_VERSION";
    /// An answer is withheld since the person's identity is protected and the place could not be taken out of it.
    Protected = "SSBT_SKYDDAD";
    /// The LEFI version asked for is not spoken here.
    LefiVersion = "SSBT_LEFI_VERSION";
}
