use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Line;

#[derive(Payload)]
pub struct Page<T> {
    pub items: Vec<T>,
}

#[derive(Payload)]
pub enum Change {
    Lines(std::collections::HashMap<String, Vec<Line>>),
    Page { page: Option<Page<Line>> },
}

fn main() {}
