//! Prints the OpenAPI document: `cargo run --example openapi > docs/openapi.json`. `make check` fails when the two differ.

use std::io::Write as _;

fn main() -> anyhow::Result<()> {
    let document = serde_json::to_string_pretty(&baton::http::openapi())?;
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}
