//! The maps in `lib.rs` and `prover/mod.rs` are true: they name every module, and each uses only those before it.

use std::{collections::BTreeSet, fs, path::Path};

/// The modules that a map names, in its order.
fn map(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | ")?.split_once(" | "));
    rows.flat_map(|(names, _)| names.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Every path below `crate::` in a file or folder, tests and comments left out.
fn paths(place: &Path) -> BTreeSet<String> {
    if place.is_dir() {
        return fs::read_dir(place).unwrap().flat_map(|entry| paths(&entry.unwrap().path())).collect();
    }
    let text = fs::read_to_string(place).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = BTreeSet::new();
    for tree in code.join("\n").split("crate::").skip(1) {
        let (mut path, mut open) = (String::new(), Vec::new());
        for c in tree.chars() {
            match c {
                '{' => open.push(path.len()),
                ',' | '}' => {
                    found.insert(path.clone());
                    path.truncate(open.last().copied().unwrap_or(0));
                    open.truncate(open.len() - usize::from(c == '}' && !open.is_empty()));
                }
                c if c.is_alphanumeric() || "_:*".contains(c) => path.push(c),
                c if c.is_whitespace() && !open.is_empty() => {}
                _ => break,
            }
            if open.is_empty() && c == '}' {
                break;
            }
        }
        found.insert(path);
    }
    found
}

#[test]
fn each_module_uses_only_those_before_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (file, folder, root) in [("lib.rs", "", ""), ("prover/mod.rs", "prover", "prover::")] {
        let (text, folder) = (fs::read_to_string(source.join(file)).unwrap(), source.join(folder));
        let map = map(&text);
        let modules: BTreeSet<&str> =
            text.lines().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';')).collect();
        assert_eq!(map.iter().map(String::as_str).collect::<BTreeSet<_>>(), modules, "{file}");
        let mut arrows = 0;
        for (i, name) in map.iter().enumerate() {
            let file = [folder.join(format!("{name}.rs")), folder.join(name)].into_iter().find(|path| path.exists());
            for path in paths(&file.unwrap()) {
                let Some(used) = path.strip_prefix(root).and_then(|path| path.split("::").next()) else { continue };
                assert!(used.is_empty() || map[..=i].iter().any(|before| before == used), "{name} uses {used}");
                arrows += usize::from(used != name);
            }
        }
        assert!(arrows > 30, "{file}: {arrows} arrows");
    }
}
