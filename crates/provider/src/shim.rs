use ocean_ddo::RawDdo;
use ocean_did::Did;
#[derive(Debug, Clone)]
pub struct AquariusClient;
impl AquariusClient {
    pub(crate) fn builder(_: &str) -> Self {
        Self
    }
    pub(crate) fn build(self) -> Result<Self, std::fmt::Error> {
        Ok(self)
    }
    pub(crate) async fn ddo(&self, _: &Did) -> Result<Option<RawDdo>, std::fmt::Error> {
        Err(std::fmt::Error)
    }
}
