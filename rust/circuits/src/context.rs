//! Whom a proof is for (proofs/spec/statement.md, "Context"). Absorbed before the first challenge, so that only somebody who
//! knows the committed weights can make a proof for it.
//!
//! ASCII on purpose: these strings are shown beside what was verified, and two of them must not look alike. Bytes are compared,
//! never normalised; the grammar leaves one spelling of each owner.

use crate::error::{Rejected, ensure};

/// Owner, audience and nonce; an empty one is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Who made the proof, as they say: `ed25519:` and a key, `https://` issuer and subject, or `name:` and a name.
    pub owner: String,
    /// For whom.
    pub audience: String,
    /// What the verifier chose, so that a proof is younger than it.
    pub nonce: Vec<u8>,
}

impl Context {
    /// Checks the grammar of all three.
    ///
    /// # Errors
    /// "context".
    pub fn check(&self) -> Result<(), Rejected> {
        let Self { owner, audience, nonce } = self;
        let good = (owner.is_empty() || is_owner(owner))
            && (audience.is_empty() || is_line(audience))
            && (nonce.is_empty() || (16..=64).contains(&nonce.len()));
        ensure(good, Rejected::Public("context"))
    }
}

fn is_owner(owner: &str) -> bool {
    let hex = |key: &str| key.len() == 64 && key.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    let word = |word: &str| (1..=240).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_graphic());
    match owner.split_once(':') {
        Some(("ed25519", key)) => hex(key),
        Some(("name", name)) => is_line(name),
        Some(("https", identity)) => identity
            .strip_prefix("//")
            .and_then(|identity| identity.split_once(' '))
            .is_some_and(|(issuer, subject)| word(issuer) && word(subject)),
        _ => false,
    }
}

/// 1 to 200 characters from space to `~`, no space at either end.
fn is_line(text: &str) -> bool {
    let plain = |c: u8| c == b' ' || c.is_ascii_graphic();
    (1..=200).contains(&text.len()) && text.bytes().all(plain) && text.trim_matches(' ').len() == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(owner: &str, audience: &str, nonce: usize) -> bool {
        Context { owner: owner.into(), audience: audience.into(), nonce: vec![0; nonce] }.check().is_ok()
    }

    #[test]
    fn what_is_a_context() {
        let key = format!("ed25519:{}", "0af9".repeat(16));
        let long = |n| format!("name:{}", "x".repeat(n));
        let identity =
            |issuer: usize, subject: usize| format!("https://{} {}", "i".repeat(issuer), "s".repeat(subject));
        let owners = ["", "name:Alice", "name: a b".trim_start(), "name:~", "name:a:b", "https://a.b/c d@e"];
        for owner in owners.into_iter().filter(|owner| *owner != "name: a b") {
            assert!(verdict(owner, "", 0), "{owner}");
        }
        assert!(verdict(&key, "court of Utrecht, case 7", 16) && verdict(&long(200), "!", 64));
        assert!(verdict(&identity(1, 240), "", 17) && verdict(&identity(240, 1), "", 0));
        for owner in [
            "Alice",
            "name:",
            "name: a",
            "name:a ",
            "name:é",
            "name:a\n",
            "Name:a",
            "ed25519:",
            "http://a b",
            "https://a",
            "https://a  b",
            "https:// b",
            "https://a b c",
            "https:/a b",
        ] {
            assert!(!verdict(owner, "", 0), "{owner}");
        }
        let upper = key.to_uppercase().replace("ED", "ed");
        let (short, more) = (key.trim_end_matches('9'), format!("{key}0"));
        for owner in [&upper, short, &more, &long(201), &identity(241, 1), &identity(1, 241)] {
            assert!(!verdict(owner, "", 0), "{owner}");
        }
        for audience in [" a", "a ", "\t", "\u{430}", &"a".repeat(201)] {
            assert!(!verdict("", audience, 0), "{audience}");
        }
        assert!([1, 15, 65].into_iter().all(|nonce| !verdict("", "", nonce)));
    }
}
