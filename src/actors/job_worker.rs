//! placeholder
use super::hub::Hub;
pub struct JobWorker {
    pub hub: Hub,
}
impl actix::Actor for JobWorker {
    type Context = actix::Context<Self>;
}
