use super::*;

fn from_env(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_sources("", pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

fn error_of(toml: &str) -> String {
    Config::from_sources(toml, HashMap::new()).unwrap_err().to_string()
}

#[test]
fn the_example_file_is_the_defaults() {
    let example = include_str!("../../config/baton.example.toml");
    assert_eq!(Config::from_sources(example, HashMap::new()).unwrap(), Config::default());
}

#[test]
fn the_example_file_names_every_key() {
    let example = include_str!("../../config/baton.example.toml").replace("# database", "database");
    let table: ::config::Map<String, ::config::Value> = ::config::Config::builder()
        .add_source(File::from_str(&example, FileFormat::Toml))
        .build()
        .unwrap()
        .try_deserialize()
        .unwrap();
    let shown: usize = table.values().map(|section| section.clone().into_table().unwrap().len()).sum();
    // Counted from the structs' debug output, which holds each field once.
    let fields = format!("{:#?}", Config { geo: GeoConfig { database: None }, ..Config::default() })
        .lines()
        .filter(|line| line.starts_with("        ") && !line.starts_with("         ") && line.contains(": "))
        .count();
    assert_eq!(shown, fields);
}

#[test]
fn the_environment_wins_over_the_file() {
    let environment = HashMap::from([("BATON__SERVER__LISTEN".to_owned(), "0.0.0.0:9000".to_owned())]);
    let config = Config::from_sources("[server]\nlisten = \"127.0.0.1:1\"\nworkers = 3", environment).unwrap();
    assert_eq!(config.server.listen, "0.0.0.0:9000".parse().unwrap());
    assert_eq!(config.server.workers, 3);
}

#[test]
fn environment_values_take_the_type_of_their_field() {
    let config = from_env(&[
        ("BATON__MAIL__HOST", "mail.example.com"),
        ("BATON__MAIL__USER", "baton"),
        ("BATON__MAIL__PASSWORD", "0012"),
        ("BATON__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"),
        ("BATON__LIMITS__FRAMES_PER_SECOND", "7"),
        ("BATON__LOG__FORMAT", "json"),
        ("BATONS", "not ours"),
    ])
    .unwrap();
    assert_eq!(config.mail.password.reveal(), "0012");
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.limits.frames_per_second, 7);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn errors_name_the_key_and_what_is_allowed() {
    for (toml, expected) in [
        ("[server]\nlisen = 1", vec!["lisen", "listen", "public_url"]),
        ("[sever]\nlisten = 1", vec!["sever", "server"]),
        ("[server]\nlisten = \"nowhere\"", vec!["server.listen", "socket address"]),
        ("[server]\nworkers = \"many\"", vec!["server.workers", "many"]),
        ("[server]\nworkers = 5000", vec!["server.workers", "0 to 1024"]),
        ("[server]\npublic_url = \"chat.example.com\"", vec!["server.public_url", "https://"]),
        ("[server]\npublic_url = \"https://chat.example.com/chat\"", vec!["server.public_url", "path"]),
        ("[server]\ntrusted_proxies = [\"10.0.0.1/99\"]", vec!["server.trusted_proxies"]),
        ("[limits]\nframe_bytes = 10", vec!["limits.frame_bytes", "49152 to 16777216"]),
        ("[mail]\ntls = \"maybe\"", vec!["mail.tls", "starttls", "tls", "none"]),
        ("[mail]\nfrom = \"nobody\"", vec!["mail.from", "Baton <chat@example.com>"]),
        ("[mail]\nuser = \"me\"", vec!["mail.user", "mail.host"]),
        ("[mail]\nhost = \"h\"\nuser = \"me\"\ntls = \"none\"", vec!["mail.tls", "unencrypted"]),
        ("[log]\nformat = \"xml\"", vec!["log.format", "text", "json"]),
        ("[log]\nfilter = \"baton=loud\"", vec!["log.filter"]),
        ("[conversation]\npassivate_after_seconds = 0", vec!["passivate_after_seconds", "1 to 86400"]),
        ("[server\n", vec!["TOML"]),
    ] {
        let text = error_of(toml);
        for part in expected {
            assert!(text.contains(part), "{toml:?} gave {text:?}, which does not say {part:?}");
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    let config = from_env(&[
        ("BATON__MAIL__HOST", "h"),
        ("BATON__MAIL__USER", "u"),
        ("BATON__MAIL__PASSWORD", "hunter2hunter2"),
    ])
    .unwrap();
    assert!(!format!("{config:?} {:?}", config.mail.server()).contains("hunter2"));
}

#[test]
fn a_file_that_was_named_must_exist() {
    let error = Config::load(Some(Path::new("/nonexistent/baton.toml"))).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/baton.toml"));
}
