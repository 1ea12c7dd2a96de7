//! Personal data out of a text: addresses, numbers of people, orders and accounts. What it can't know, such as a name in the
//! middle of a sentence, the owner sees before approving.

use regex::{Captures, Regex};
use std::sync::LazyLock;

const FIXED: &str = "AI-3: expressions are fixed at compile time and a test uses each";

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+").expect(FIXED));
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b").expect(FIXED));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\+|\b00|\(0|\b0)\d[\d\s()./-]{6,}\d|\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b").expect(FIXED)
});
/// A word that announces a number of the visitor's own.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(order|invoice|customer|ticket|tracking|parcel|account|reference|bestell\w*|bestel\w*|auftrag\w*|rechnung\w*|kunden\w*|factuur\w*|klant\w*|commande|facture|client|pedido|factura|cliente|encomenda|fatura|ordine|fattura)((?:[ -](?:number|nummer|nr|no|id|code|numéro|número|numero))?[.:]?\s*(?:is|ist|est|es|é|è)?\s*)#?([\p{L}\d]*\d[\p{L}\d-]*)",
    )
    .expect(FIXED)
});
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"#?[\p{L}\d]+(?:[-/][\p{L}\d]+)*").expect(FIXED));
static DATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-/]\d{1,2}[-/]\d{2,4})$").expect(FIXED));

pub(super) fn mask(text: &str) -> String {
    let text = EMAIL.replace_all(text, "[e-mail]");
    let text = IBAN.replace_all(&text, "[account]");
    let text = PHONE.replace_all(&text, |found: &Captures<'_>| {
        let found = &found[0];
        let digits = found.chars().filter(char::is_ascii_digit).count();
        if (8..=15).contains(&digits) && !DATE.is_match(found.trim()) { "[phone]".to_owned() } else { found.to_owned() }
    });
    let text = ANNOUNCED.replace_all(&text, "$1$2[number]");
    let text = TOKEN.replace_all(&text, |found: &Captures<'_>| {
        let found = &found[0];
        if is_reference(found) { "[number]".to_owned() } else { found.to_owned() }
    });
    text.into_owned()
}

/// Prices, years, dates and product names such as "E-Bike 500" stay; long numbers and codes of letters and digits go.
fn is_reference(token: &str) -> bool {
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    if DATE.is_match(token) {
        return false;
    }
    digits >= 6 || (token.starts_with('#') && digits >= 3) || (letters >= 1 && digits >= 4)
}
