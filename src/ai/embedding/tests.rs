use super::*;

#[test]
fn a_missing_model_says_which_file_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = Embedder::load(folder.path()).err().unwrap();
    assert!(matches!(&error, ModelError::Missing(path) if path.ends_with("vocab.txt")), "{error}");
    assert!(error.to_string().contains("make model"), "{error}");
}

#[test]
fn another_file_under_the_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\n").unwrap();
    std::fs::write(folder.path().join("model.onnx"), "x").unwrap();
    let error = Embedder::load(folder.path()).err().unwrap();
    assert!(matches!(error, ModelError::Checksum { .. }), "{error}");
    assert!(error.to_string().contains(&hex(&Sha256::digest("[UNK]\n[CLS]\n[SEP]\n"))), "{error}");
}

#[test]
fn values_of_a_wrong_kernel_are_refused() {
    assert!(agrees(0.53, -0.05).is_ok(), "another processor, other rounding");
    for (alike, unlike) in [(0.1, -0.04), (0.54, 0.5), (f32::NAN, -0.04), (0.54, f32::NAN)] {
        assert!(matches!(agrees(alike, unlike), Err(ModelError::WrongValues(_))), "{alike} {unlike}");
    }
}
