use super::table::Table;
pub(super) static TABLE: Table = Table {
    classes: &[],
    spelling: "",
    real_words: "",
    not_human: &[],
    human: &[],
    not_frustrated: &[],
    frustrated: &[],
    yes: &[],
    no: &[],
};
