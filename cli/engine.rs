//! stub
use aws_config::SdkConfig;
/// x
pub enum EngineStorage {
    /// x
    InMemory,
    /// x
    File(std::path::PathBuf),
}
/// x
pub struct Engine {
    db: dynoxide::Database,
}
impl Engine {
    /// x
    pub async fn start(_: EngineStorage, _: u16) -> Result<Self, std::io::Error> {
        todo!()
    }
    /// x
    pub fn endpoint(&self) -> String {
        todo!()
    }
    /// x
    pub fn sdk_config(&self) -> SdkConfig {
        todo!()
    }
    /// x
    pub fn database(&self) -> &dynoxide::Database {
        &self.db
    }
    /// x
    pub async fn shutdown(self) {}
}
