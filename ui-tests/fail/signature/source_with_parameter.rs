use triggerfish::prelude::*;
use ui_tests::shop::Shop;

#[source]
fn shop(_key: Secret) -> Shop {
    Shop
}

fn main() {}
