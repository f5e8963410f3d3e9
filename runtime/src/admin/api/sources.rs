//! External sources.

use super::super::answer::{Answer, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};

pub(super) static ROUTES: &[Route] = &[get("/sources", sources), get("/sources/{id}", source)];

fn sources(call: &Call) -> Answer {
    listed("sources", &call.admin.sources()?, &call.headers)
}

fn source(call: &Call) -> Answer {
    tagged(&call.admin.source(&call.id)?, &call.headers)
}
