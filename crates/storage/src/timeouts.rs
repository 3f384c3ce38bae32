use std::time::Duration;

/// How long each phase of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Resolving the name, connecting and the TLS handshake.
    pub connect: Duration,
    /// From sending a request, connecting included, to the last byte of the response's headers; for each redirect hop anew.
    pub first_byte: Duration,
    /// Between two pieces of a body. Time in which the receiver asks for nothing does not count.
    pub idle: Duration,
    /// A whole [`Storage::info`](crate::Storage::info), with every hop and the checksum.
    pub probe: Duration,
}

impl Timeouts {
    /// Every phase within `request`, as the `REQUEST_TIMEOUT` of a Provider says it; a body may pause for three times as long.
    pub fn from_request_timeout(request: Duration) -> Self {
        Self {
            connect: request.min(Duration::from_secs(10)),
            first_byte: request,
            idle: request.saturating_mul(3),
            probe: request,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::from_request_timeout(Duration::from_secs(10))
    }
}
