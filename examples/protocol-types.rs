//! Writes the wire types as TypeScript and JSON Schema, and the code tables of the protocol's document.

use baton::protocol::generate;

fn main() -> anyhow::Result<()> {
    std::fs::write(generate::TYPESCRIPT_FILE, generate::typescript()?)?;
    std::fs::write(generate::SCHEMA_FILE, generate::json_schema()?)?;
    let document = std::fs::read_to_string(generate::DOCUMENT_FILE)?;
    std::fs::write(generate::DOCUMENT_FILE, generate::document(&document)?)?;
    Ok(())
}
