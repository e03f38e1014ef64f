//! One trait for both directions, and a macro that applies it field by field: a field that the domain gains and this
//! room forgets does not compile.

use ssbtek_domain::{Amount, NaiveDate, Personnummer, sections::fk::common::PartialDate};

use crate::common::{WireError, date_from_text};

/// A domain type and the wire type that carries it.
pub(super) trait Wire: Sized {
    /// The wire type.
    type Proto;
    /// Domain → wire.
    fn out(&self) -> Self::Proto;
    /// Wire → domain; `field` names the field in the error.
    fn read(proto: Self::Proto, field: &'static str) -> Result<Self, WireError>;
}

macro_rules! as_it_is {
    ($($plain:ty),+) => { $(
        impl Wire for $plain {
            type Proto = $plain;
            fn out(&self) -> $plain {
                self.clone()
            }
            fn read(proto: $plain, _field: &'static str) -> Result<Self, WireError> {
                Ok(proto)
            }
        }
    )+ };
}

as_it_is!(String, bool, i64);

macro_rules! as_text {
    ($($typed:ty: |$out:ident| $to_text:expr, |$read:ident, $field:ident| $from_text:expr;)+) => { $(
        impl Wire for $typed {
            type Proto = String;
            fn out(&self) -> String {
                let $out = self;
                $to_text
            }
            fn read(text: String, $field: &'static str) -> Result<Self, WireError> {
                let $read = text.as_str();
                $from_text
            }
        }
    )+ };
}

as_text! {
    PartialDate: |date| date.to_string(), |text, field| {
        // More than a day would be left out in silence.
        PartialDate::parse(text).filter(|date| date.to_string() == text).ok_or(WireError(field))
    };
    NaiveDate: |date| date.to_string(), |text, field| date_from_text(text, field);
    Amount: |amount| amount.to_string(), |text, field| text.parse().map_err(|_| WireError(field));
    Personnummer: |person| person.expose().to_owned(),
        |text, field| Personnummer::parse_undated(text).map_err(|_| WireError(field));
}

impl<T: Wire> Wire for Option<T> {
    type Proto = Option<T::Proto>;
    fn out(&self) -> Self::Proto {
        self.as_ref().map(T::out)
    }
    fn read(proto: Self::Proto, field: &'static str) -> Result<Self, WireError> {
        proto.map(|proto| T::read(proto, field)).transpose()
    }
}

impl<T: Wire> Wire for Vec<T> {
    type Proto = Vec<T::Proto>;
    fn out(&self) -> Self::Proto {
        self.iter().map(T::out).collect()
    }
    fn read(proto: Self::Proto, field: &'static str) -> Result<Self, WireError> {
        proto.into_iter().map(|proto| T::read(proto, field)).collect()
    }
}

/// `domain::Type = Message { field, domain_field => message_field }`.
macro_rules! messages {
    ($($domain:path = $message:ident { $($field:ident $(=> $renamed:ident)?),+ $(,)? })+) => { $(
        impl Wire for $domain {
            type Proto = proto::$message;
            fn out(&self) -> Self::Proto {
                let Self { $($field),+ } = self;
                messages!(@build proto::$message { $($field $(=> $renamed)?),+ })
            }
            fn read(message: Self::Proto, _field: &'static str) -> Result<Self, WireError> {
                Ok(Self {
                    $($field: Wire::read(
                        messages!(@take message, $field $(=> $renamed)?),
                        concat!("fk.", stringify!($field)),
                    )?),+
                })
            }
        }
    )+ };
    (@build proto::$message:ident { $($field:ident $(=> $renamed:ident)?),+ }) => {{
        let mut message = proto::$message::default();
        $(messages!(@put message, $field $(=> $renamed)?);)+
        message
    }};
    (@put $message:ident, $field:ident => $renamed:ident) => { $message.$renamed = $field.out() };
    (@put $message:ident, $field:ident) => { $message.$field = $field.out() };
    (@take $message:ident, $field:ident => $renamed:ident) => { $message.$renamed };
    (@take $message:ident, $field:ident) => { $message.$field };
}

pub(super) use messages;
