//! The table of the documentation is made from the catalogue.

use crate::verify::describe;
use crate::verify::{Algorithm, Phase, Place, Provenance, Scheme};
use std::fmt::Write as _;
use std::path::Path;

/// The table, with a row for each scheme.
fn table() -> String {
    let mut table = String::from(
        "| constructor | provider | algorithm | signature | signed content | window | delivery id | handshake | source |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for scheme in Scheme::all() {
        let window = scheme.timestamp.and_then(|timestamp| timestamp.window);
        let handshakes: Vec<_> = scheme
            .handshakes
            .iter()
            .map(|handshake| match handshake.phase {
                Phase::AfterVerify => format!("{}, signed", handshake.title),
                Phase::Before | Phase::Registering => handshake.title.to_owned(),
            })
            .collect();
        let title = match scheme.docs {
            "" => scheme.title.to_owned(),
            docs => format!("[{}]({docs})", scheme.title),
        };
        let constructor = scheme.name.replace('-', "_");
        let _ = writeln!(
            table,
            "| [`{constructor}`](super::Verifier::{constructor}) | {title} | {} | `{}` | {} | {} | {} | {} | {} |",
            describe::algorithm(scheme.algorithm),
            describe::place(scheme.signature.at),
            signed(scheme),
            window.map_or_else(|| "none".to_owned(), |window| format!("{} s", window.past)),
            scheme.delivery_id.map_or_else(|| "none: the body".to_owned(), id),
            if handshakes.is_empty() { "none".to_owned() } else { handshakes.join("; ") },
            source(scheme.provenance),
        );
    }
    table
}

fn signed(scheme: &Scheme) -> String {
    match scheme.algorithm {
        Algorithm::Token => "nothing".to_owned(),
        Algorithm::Jws(jws) => match jws.body_claim {
            Some(claim) => format!("claim `{claim}` is the hash of the body"),
            None => "claims, nothing of the body".to_owned(),
        },
        _ => format!("`{}`", describe::content(scheme.signed).replace('|', "\\|")),
    }
}

fn id(place: Place) -> String {
    format!("`{}`", describe::place(place))
}

fn source(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Package => "package",
        Provenance::Documentation => "documentation",
        Provenance::ThirdParty => "third party",
        Provenance::Unchecked => "unchecked",
        Provenance::Own => "own",
    }
}

/// Set `TRIGGERFISH_BLESS=1` to write the table after a change of the catalogue.
#[test]
fn the_table_of_the_documentation_is_that_of_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify/catalogue/table.md");
    if std::env::var_os("TRIGGERFISH_BLESS").is_some() {
        std::fs::write(&path, table()).expect("the table can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, table(), "run the test once with TRIGGERFISH_BLESS=1");
}
