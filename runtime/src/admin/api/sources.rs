//! External sources.

use super::super::answer::{Answer, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[get("/sources", &sources), get("/sources/{id}", &source)];

async fn sources(call: Arc<Call>) -> Answer {
    listed("sources", &call.admin.sources().await?, &call.headers)
}

async fn source(call: Arc<Call>) -> Answer {
    tagged(&call.admin.source(&call.id).await?, &call.headers)
}
