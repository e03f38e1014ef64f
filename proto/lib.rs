//! Generated wire types. Only doors (`gateway`), agencies and clients may use them; `ssbtek-wire` turns them into the
//! domain's types and back. The contracts themselves, with their documentation, are the `.proto` files beside this file.

/// `ssbtek.agency.v1`: for agencies and funds that speak gRPC.
pub mod agency {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("ssbtek.agency.v1");
    }
}

/// `ssbtek.broker.v1`: for callers.
pub mod broker {
    /// Version 1.
    #[expect(clippy::large_enum_variant, reason = "generated, and held one at a time")]
    pub mod v1 {
        tonic::include_proto!("ssbtek.broker.v1");
    }
}

#[cfg(feature = "facts")]
pub mod facts;

/// All contracts as an encoded `FileDescriptorSet`, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
