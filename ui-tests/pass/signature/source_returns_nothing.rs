use triggerfish::prelude::*;
use ui_tests::shop::Shop;

#[source]
fn shop() -> Shop {
    Shop
}

fn main() {}
