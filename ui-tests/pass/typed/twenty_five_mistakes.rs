use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "job-0",
    version = "1.0.0",
    trigger = caldotcom,
    filter = {
        body: {
            triggerEvent: ["BOOKING_CREATED"],
            payload: { length: [15], version: [255], price: [1.5], title: ["a"], paid: [true] },
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
                length: [{ $gt: 1 }],
                tags: [{ $includes: "vip" }],
                sizes: [{ $includes: 255 }],
                attendees: { email: ["a"], age: [30] },
                notes: ["5"],
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
                location: { type: ["inperson"], address: ["b"] },
                change: { kind: ["length"], to: [1] },
                accounts: { any: { balance: [1] } },
                notes: [{ $isNull: true }],
                version: [{ $between: [250, 300] }],
            },
        },
    },
)]
async fn job_2(_: Json<BookingEvent>) {}
