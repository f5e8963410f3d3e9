use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "job-0",
    version = "1.0.0",
    trigger = caldotcom,
    filter = {
        body: {
            trigger_event: ["BOOKING_CREATED"],
            triggerEvent: ["BOOKING_CANCELED", "BookingCreated", "BOOKING_CREATED"],
            cache: [1],
            payload: {
                lenght: [15],
                version: [256, 1.5, -1],
                price: ["1.5"],
                title: [{ $gt: 15 }],
                paid: ["true"],
            },
        },
    },
)]
async fn job_0(_: Json<BookingEvent>) {}

#[job(
    id = "job-1",
    version = "1.0.0",
    trigger = caldotcom,
    filter = {
        body: {
            payload: {
                length: [{ $startsWith: "1" }],
                tags: ["vip"],
                sizes: [{ $includes: 256 }],
                attendees: { mail: ["a"], age: [300] },
                title: { text: ["a"] },
                notes: [5],
            },
        },
    },
)]
async fn job_1(_: Json<BookingEvent>) {}

#[job(
    id = "job-2",
    version = "1.0.0",
    trigger = caldotcom,
    filter = {
        body: {
            payload: {
                location: { type: ["inperson"], url: ["a"], adress: ["b"] },
                change: { kind: ["length"], to: ["a"] },
                accounts: { any: { balance: ["1"] } },
                title: [{ $isNull: true }],
                offset: [{ $exists: false }],
                version: [{ $between: [256, 300] }],
            },
        },
    },
)]
async fn job_2(_: Json<BookingEvent>) {}

fn main() {}
