//! Makes sure that the folders which are embedded exist. An empty one compiles; its pages then answer 503 and say what to run.

use std::path::Path;

fn main() {
    for folder in ["web-widget/dist", "web-console/dist", "demo/site"] {
        println!("cargo::rerun-if-changed={folder}");
        if !Path::new(folder).exists() {
            println!("cargo::warning={folder} is missing: its pages will answer 503 until `make web` and a new build");
            if let Err(error) = std::fs::create_dir_all(folder) {
                println!("cargo::error=can't create {folder}: {error}");
            }
        }
    }
}
