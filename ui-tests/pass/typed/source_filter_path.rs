use triggerfish::prelude::*;
use ui_tests::shop::on_order_paid;

#[job(id = "a", version = "1.0.0", trigger = on_order_paid(trial = true), filter = { total: [{ $gt: 5 }] })]
async fn a(Json(_): Json<ui_tests::shop::Order>) {}

fn main() {}
