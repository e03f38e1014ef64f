//! Refusals in the shape of the contract: a SOAP 1.1 fault, always with HTTP status 500.

use ssbtek_xml::{Writer, soap::wrap};

use crate::{Call, FaultCode};

/// Whose fault it is, in the words of SOAP 1.1 (section 4.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultClass {
    /// The message is wrong; sending it again will not help.
    Client,
    /// The broker failed or is busy; the same message may succeed later.
    Server,
    /// Not an envelope of SOAP 1.1.
    VersionMismatch,
    /// A header block must be understood and is not.
    MustUnderstand,
}

impl FaultClass {
    fn name(self) -> &'static str {
        match self {
            FaultClass::Client => "Client",
            FaultClass::Server => "Server",
            FaultClass::VersionMismatch => "VersionMismatch",
            FaultClass::MustUnderstand => "MustUnderstand",
        }
    }
}

/// A whole question refused. Messages are in Swedish, name elements and rules, and hold nothing that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", code.as_str())]
pub struct SoapFault {
    /// Whose fault.
    pub class: FaultClass,
    /// `felkod`.
    pub code: FaultCode,
    /// `felmeddelande`, at least one.
    messages: Vec<String>,
    /// What was called, as far as that could be read.
    pub call: Option<Call>,
}

impl SoapFault {
    /// The caller's fault. `message` is a fixed text: it must hold nothing that was sent.
    pub fn client(code: FaultCode, message: impl Into<String>) -> Self {
        Self { class: FaultClass::Client, code, messages: vec![message.into()], call: None }
    }

    /// Our own fault. `message` is a fixed text.
    pub fn server(code: FaultCode, message: impl Into<String>) -> Self {
        Self { class: FaultClass::Server, ..Self::client(code, message) }
    }

    pub(crate) fn of_class(class: FaultClass, code: FaultCode, message: &str) -> Self {
        Self { class, ..Self::client(code, message) }
    }

    /// The same fault with one more message.
    pub fn and(mut self, message: impl Into<String>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// The same fault in reply to a call, so that it carries the contract's own detail.
    pub fn in_reply_to(mut self, call: Call) -> Self {
        self.call = Some(call);
        self
    }

    /// `felmeddelande`, at least one.
    pub fn messages(&self) -> &[String] {
        &self.messages
    }
}

/// The fault as a message. The detail element is the contract's own for the operation called; when no operation could
/// be read there is none, as SOAP 1.1 demands of faults outside the body.
pub fn fault(fault: &SoapFault) -> Vec<u8> {
    wrap(|writer| {
        writer
            .open("soap:Fault")
            .element_with_text("faultcode", &format!("soap:{}", fault.class.name()))
            .element_with_text("faultstring", &fault.messages.join("; "));
        if let Some(call) = fault.call {
            writer.open("detail").with(|writer| detail(writer, fault, call)).close();
        }
        writer.close();
    })
}

fn detail(writer: &mut Writer, fault: &SoapFault, call: Call) {
    writer
        .open(&format!("ssbt:{}Fault", call.operation.name()))
        .namespace("ssbt", call.version.namespace())
        .element_with_text("ssbt:felkod", fault.code.as_str());
    for message in &fault.messages {
        writer.element_with_text("ssbt:felmeddelande", message);
    }
    writer.close();
}
