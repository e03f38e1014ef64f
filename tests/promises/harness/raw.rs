//! Any call of any service by its path, with bytes in and bytes out.

use bytes::{Buf, BufMut};
use ssbtek_pki::Issued;
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

use super::World;

struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, message: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; from.remaining()];
        from.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}

impl World {
    /// Calls `SERVICE/METHOD` of the broker's contract; what comes back, be it one message or many, one after another.
    pub(crate) async fn call(
        &self,
        certificate: &Issued,
        method: &str,
        request: Request<Vec<u8>>,
    ) -> Result<Vec<u8>, Status> {
        raw(self.connect(&certificate.identity), method, request).await
    }
}

/// The same over a connection that is there.
pub(crate) async fn raw(
    channel: Channel,
    method: &str,
    request: Request<Vec<u8>>,
) -> Result<Vec<u8>, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.map_err(|_| Status::unavailable("no connection"))?;
    let path = if method.starts_with("grpc.") { "/" } else { "/ssbtek.broker.v1." };
    let path = format!("{path}{method}").parse().unwrap();
    let mut parts = client.server_streaming(request, path, Raw).await?.into_inner();
    let mut all = Vec::new();
    while let Some(part) = parts.message().await? {
        all.extend(part);
    }
    Ok(all)
}
