//! `triggerfish`: the command line for a program that runs Triggerfish. It
//! talks to the API of the dashboard.
#![allow(clippy::print_stdout, reason = "it is what a command does")]

mod args;
mod client;
mod commands;
mod runs;
mod show;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error);
            ExitCode::FAILURE
        }
    }
}
