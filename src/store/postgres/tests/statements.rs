//! S33: every statement names its tenant.

use regex::Regex;
use std::fs;
use std::path::Path;

/// Statements about the whole installation, by how they begin, and why they may be.
const OF_EVERYBODY: &[(&str, &str)] = &[
    ("SELECT id, workspace, chatbot, coalesce(waiting_since", "the queue of all chatbots after a restart"),
    ("SELECT id, workspace, settings FROM chatbot ORDER", "the hub holds the settings of all chatbots"),
    ("WITH old AS MATERIALIZED (SELECT scope FROM ai_spend", "old counts are forgotten for all"),
    ("WITH old AS MATERIALIZED (SELECT token_hash FROM session", "expired sessions are forgotten for all"),
    ("WITH due AS MATERIALIZED", "a worker works for all"),
    ("SELECT chatbot, count(*)::integer, max(updated_at) FROM document", "each node holds all knowledge"),
    ("SELECT due_at - skew FROM job", "a worker works for all"),
    ("SELECT 1 FROM agent WHERE role = 'owner'", "whether the installation has been set up"),
    ("SELECT w.id, w.name FROM meta m JOIN workspace w", "the first workspace of the installation"),
    ("SELECT coalesce(max(number), 0) FROM migration", "the schema"),
    ("SELECT value FROM meta WHERE name = 'epoch'", "the database"),
    ("SELECT append_events($1", "takes conversations; its body is in the migration"),
    ("SELECT complete_jobs(ARRAY[$1]", "takes the id of a job"),
    ("SELECT current_setting(", "the server"),
    ("SELECT set_config(", "the session"),
    ("SELECT pg_advisory_", "a lock"),
];

/// What makes a statement one tenant's: an equation with a parameter on a column that says whose a row is, or on an id that was
/// handed out for one row.
const KEYS: &str = r"(?x) \b (workspace|conversation|chatbot|token_hash|email_key|agent|id|name|scope) \s*
    ( = \s* \$\d | = \s* ANY \s* \(\$\d | = \s* wanted\.(id|scope) )";

#[test]
fn statements_name_their_tenant() {
    let literal = Regex::new(r##"(?s)r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##).unwrap();
    let statement = Regex::new(r"^(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b").unwrap();
    let keys = Regex::new(KEYS).unwrap();
    let (mut seen, mut used) = (0, vec![0; OF_EVERYBODY.len()]);
    for (file, text) in sources() {
        for found in literal.captures_iter(&text) {
            let sql = found.get(1).or(found.get(2)).map_or("", |text| text.as_str());
            let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            if !statement.is_match(&sql) {
                continue;
            }
            seen += 1;
            if let Some(number) = OF_EVERYBODY.iter().position(|(start, _)| sql.starts_with(start)) {
                used[number] += 1;
                continue;
            }
            // The row that is added names its own tenant, by a column.
            let names = if sql.starts_with("INSERT") { is_owned(&sql) } else { keys.is_match(&sql) };
            // The beginning of a macro's statements, which each end with a key.
            let begins = sql.ends_with("FROM agent a") || sql.ends_with("AS skew") || sql.ends_with("h.moved");
            assert!(names || begins, "{file}: whose rows are these?\n{sql}");
        }
    }
    assert!(seen >= 40, "only {seen} statements found: the test does not see them");
    for (number, (start, _)) in OF_EVERYBODY.iter().enumerate() {
        assert!(used[number] > 0, "no statement begins with {start:?} any more");
    }
}

/// What the macros put after those beginnings.
#[test]
fn ends_of_macros_name_their_tenant() {
    let end = Regex::new(r#"(?s)(select_agent|select_link|select_listed)!\(\s*"(.*?)""#).unwrap();
    let keys = Regex::new(KEYS).unwrap();
    let mut seen = 0;
    for (file, text) in sources() {
        for found in end.captures_iter(&text) {
            seen += 1;
            assert!(keys.is_match(&found[2]), "{file}: whose rows are these?\n{}", &found[2]);
        }
    }
    assert!(seen >= 8, "only {seen} found");
}

fn is_owned(sql: &str) -> bool {
    const OWNED: [&str; 11] = [
        "event",
        "link",
        "session",
        "agent",
        "chatbot",
        "document",
        "workspace",
        "meta",
        "secret",
        "ai_spend",
        "proposal",
    ];
    OWNED.iter().any(|table| sql.starts_with(&format!("INSERT INTO {table} ")))
        || sql.starts_with("INSERT INTO migration ")
}

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/postgres");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
        (path.file_name().unwrap().to_string_lossy().into_owned(), text)
    };
    files.map(|path| read(&path)).collect()
}
