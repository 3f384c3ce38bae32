//! Changes to documents: what people get wrong, what other tools write, and what JSON-LD gives a meaning to.

use super::{
    random::Random,
    tree::{Tree, Way},
};

/// What documents are made from.
pub(super) struct Stock {
    /// Documents that are not changed, with their names.
    pub(super) bases: Vec<(String, Tree)>,
    scalars: Vec<Tree>,
    containers: Vec<Tree>,
    versions: Vec<Tree>,
    chains: Vec<Tree>,
    keys: Vec<String>,
    shapes: Vec<(&'static str, Tree)>,
    keywords: Vec<(&'static str, Tree)>,
}

impl Stock {
    pub(super) fn new(bases: Vec<(String, Tree)>) -> Self {
        let lines = || include_str!("values.txt").lines().filter(|line| !line.starts_with('#'));
        let of = |kind| {
            let values = lines().filter_map(move |line| line.strip_prefix(kind)?.trim_start().split_once(' '));
            values.map(|(place, text)| (place, Tree::parse(text))).collect::<Vec<_>>()
        };
        let alone = |kind| of(kind).into_iter().map(|(_, value)| value).collect();
        Self {
            bases,
            scalars: alone("scalar "),
            containers: alone("container "),
            versions: alone("version "),
            chains: alone("chain "),
            keys: of("key ").into_iter().filter_map(|(_, key)| key.text()).collect(),
            shapes: of("shape "),
            keywords: of("keyword "),
        }
    }
}

/// A changed document.
pub(super) struct Mutant {
    pub(super) text: String,
    /// The base, and what was done to it.
    pub(super) description: String,
    /// The kinds of changes.
    pub(super) classes: Vec<&'static str>,
}

type Change = fn(&mut Random, &mut Tree, &Stock) -> Option<String>;

/// Kinds of changes, each with how often it is taken.
const CHANGES: [(&str, usize, Change); 15] = [
    ("value", 6, value),
    ("wrapped", 4, wrapped),
    ("removed", 3, removed),
    ("renamed", 2, renamed),
    ("unknown member", 3, unknown_member),
    ("duplicate key", 2, duplicate_key),
    ("type swapped", 4, type_swapped),
    ("length", 5, length),
    ("count", 4, count),
    ("transplant", 4, transplant),
    ("siblings swapped", 2, siblings_swapped),
    ("nested", 2, nested),
    ("identity", 4, identity),
    ("shape", 8, shape),
    ("keyword", 6, keyword),
];

impl Mutant {
    /// The mutant of a number.
    pub(super) fn new(stock: &Stock, plain: bool, seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed, number);
        let (name, base) = random.pick(&stock.bases);
        let mut tree = base.clone();
        let mut description = name.clone();
        let mut classes = Vec::new();
        let wanted = [1, 1, 1, 1, 2, 2, 3][random.below(7)];
        // A change that fits nowhere is replaced by another.
        for _ in 0..wanted * 8 {
            if classes.len() == wanted {
                break;
            }
            let (class, _, change) = weighted(&mut random);
            if plain && *class == "keyword" {
                continue;
            }
            let before = tree.clone();
            match change(&mut random, &mut tree, stock) {
                Some(what) if tree != before && matches!(tree, Tree::Object(_)) => {
                    let what: String = what.chars().take(120).collect();
                    description.push_str(&format!(" | {class}: {what}"));
                    if !classes.contains(class) {
                        classes.push(class);
                    }
                }
                _ => tree = before,
            }
        }
        Self { text: tree.write(), description, classes }
    }
}

fn weighted(random: &mut Random) -> &'static (&'static str, usize, Change) {
    let mut rest = random.below(CHANGES.iter().map(|(_, weight, _)| weight).sum());
    for change in &CHANGES {
        if rest < change.1 {
            return change;
        }
        rest -= change.1;
    }
    &CHANGES[0]
}

fn scalar(random: &mut Random, stock: &Stock) -> Tree {
    random.pick(&stock.scalars).clone()
}

/// Some place of the document, its root aside.
fn anywhere(random: &mut Random, tree: &Tree) -> Way {
    let ways = tree.ways();
    if ways.is_empty() { Way::new() } else { random.pick(&ways).clone() }
}

/// Some value that passes, if there is any.
fn somewhere(random: &mut Random, tree: &mut Tree, passes: impl Fn(&Tree) -> bool) -> Option<Way> {
    let mut ways = tree.ways();
    ways.retain(|way| passes(tree.at(way)));
    if ways.is_empty() { None } else { Some(random.pick(&ways).clone()) }
}

/// Some object, the document often among them.
fn object(random: &mut Random, tree: &mut Tree) -> Option<Way> {
    if random.once_in(5) {
        return Some(Way::new());
    }
    somewhere(random, tree, |value| matches!(value, Tree::Object(_)))
}

fn replace(tree: &mut Tree, way: &[usize], new: Tree) -> Option<String> {
    let pointer = tree.pointer(way);
    let written = new.write();
    *tree.at(way) = new;
    Some(format!("{pointer} = {written}"))
}

fn value(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let new = match random.below(8) {
        0 => Tree::Array(Vec::new()),
        1 => Tree::object([]),
        2 => random.pick(&stock.containers).clone(),
        _ => scalar(random, stock),
    };
    replace(tree, &way, new)
}

fn wrapped(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let old = tree.at(&way).clone();
    let new = match random.below(9) {
        0 => Tree::Array(vec![old]),
        1 => Tree::Array(vec![Tree::Array(vec![old])]),
        2 => Tree::Array(vec![old.clone(), old]),
        3 => Tree::Array(vec![old, scalar(random, stock)]),
        4 => Tree::Array(vec![scalar(random, stock), old]),
        5 => Tree::Array(vec![Tree::Scalar("null".to_owned()), old]),
        6 => Tree::object([("value", old)]),
        7 => Tree::object([("@value", old)]),
        _ => Tree::object([(*random.pick(&["@set", "@list"]), old)]),
    };
    replace(tree, &way, new)
}

fn removed(random: &mut Random, tree: &mut Tree, _: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let pointer = tree.pointer(&way);
    let (last, parent) = way.split_last()?;
    match tree.at(parent) {
        Tree::Array(items) => drop(items.remove(*last)),
        Tree::Object(members) => drop(members.remove(*last)),
        Tree::Scalar(_) => return None,
    }
    Some(pointer)
}

fn renamed(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let pointer = tree.pointer(&way);
    let (last, parent) = way.split_last()?;
    let Tree::Object(members) = tree.at(parent) else { return None };
    let key = &mut members[*last].0;
    *key = match random.below(9) {
        0 => key.to_uppercase(),
        1 => key.to_lowercase(),
        2 => format!("{key} "),
        3 => format!("{key}s"),
        4 => format!("http://schema.org/{key}"),
        5 => format!("https://www.w3.org/ns/credentials/v2/{key}"),
        6 => format!("x:{key}"),
        7 => format!("@{key}"),
        _ => random.pick(&stock.keys).clone(),
    };
    Some(format!("{pointer} to {key}"))
}

fn unknown_member(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = object(random, tree)?;
    let key = random.pick(&stock.keys);
    let new = if random.once_in(3) { part(random, stock) } else { scalar(random, stock) };
    insert(random, tree, &way, key, new, false)
}

fn duplicate_key(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = object(random, tree)?;
    let Tree::Object(members) = tree.at(&way) else { return None };
    if members.is_empty() {
        return None;
    }
    let (key, old) = random.pick(members).clone();
    let new = match random.below(3) {
        0 => old,
        1 => part(random, stock),
        _ => scalar(random, stock),
    };
    insert(random, tree, &way, &key, new, true)
}

/// Puts a member into an object, at the place of an equal key unless it is to stand twice.
fn insert(random: &mut Random, tree: &mut Tree, way: &[usize], key: &str, new: Tree, twice: bool) -> Option<String> {
    let what = format!("{}/{key} = {}", tree.pointer(way), new.write());
    let Tree::Object(members) = tree.at(way) else { return None };
    match members.iter_mut().find(|(name, _)| name == key && !twice) {
        Some((_, old)) => *old = new,
        None => {
            let at = random.below(members.len() + 1);
            members.insert(at, (key.to_owned(), new));
        }
    }
    Some(what)
}

fn type_swapped(random: &mut Random, tree: &mut Tree, _: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let old = tree.at(&way).clone();
    let new = match (&old, random.below(3)) {
        (Tree::Scalar(text), 0) if old.text().is_none() => Tree::string(text),
        (Tree::Scalar(text), 1) if text.bytes().all(|byte| byte.is_ascii_digit()) => Tree::Scalar(format!("{text}.0")),
        (Tree::Scalar(text), _) if text.bytes().all(|byte| byte.is_ascii_digit()) => Tree::Scalar(format!("{text}e0")),
        (Tree::Scalar(text), _) if text == "true" => Tree::Scalar("1".to_owned()),
        (Tree::Scalar(text), _) if text == "false" => Tree::Scalar("0".to_owned()),
        (Tree::Scalar(_), kind) => {
            let text = old.text()?;
            match kind {
                0 => Tree::Scalar(text.len().to_string()),
                1 => Tree::Array(text.chars().take(8).map(|char| Tree::string(&char.to_string())).collect()),
                _ => Tree::object([("name", old)]),
            }
        }
        (Tree::Array(items), 0) => {
            Tree::Object(items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone())).collect())
        }
        (Tree::Array(items), 1) => items.first()?.clone(),
        (Tree::Object(members), 0) => Tree::Array(members.iter().map(|(_, value)| value.clone()).collect()),
        (Tree::Object(members), 1) => {
            Tree::Array(members.iter().map(|(key, value)| Tree::Object(vec![(key.clone(), value.clone())])).collect())
        }
        _ => Tree::string(&old.write()),
    };
    replace(tree, &way, new)
}

fn length(random: &mut Random, tree: &mut Tree, _: &Stock) -> Option<String> {
    /// Limits of the schemas.
    const LIMITS: [usize; 16] = [0, 1, 2, 3, 4, 7, 10, 16, 42, 71, 72, 256, 512, 1024, 2048, 7000];
    let way = somewhere(random, tree, |value| value.text().is_some())?;
    let old = tree.at(&way).text()?;
    let wanted = (*random.pick(&LIMITS) + random.below(3)).saturating_sub(1);
    let filler = *random.pick(&['a', 'a', 'a', 'é', '\u{4e2d}', '😀', '\n', '"']);
    let mut units = 0;
    let letters = old.chars().chain(std::iter::repeat(filler)).take_while(|char| {
        units += char.len_utf16();
        units <= wanted
    });
    let text: String = letters.collect();
    *tree.at(&way) = Tree::string(&text);
    Some(format!("{} has {wanted} units of {filler:?}", tree.pointer(&way)))
}

fn count(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = somewhere(random, tree, |value| matches!(value, Tree::Array(_)))?;
    let Tree::Array(items) = tree.at(&way) else { return None };
    let wanted = *random.pick(&[0, 1, 2, 3, 63, 64, 65, 66, 130]);
    let mut item = items.first().cloned().unwrap_or_else(|| scalar(random, stock));
    let distinct = !random.once_in(3);
    if random.once_in(6) {
        item = part(random, stock);
    }
    let mut all = Vec::with_capacity(wanted);
    for index in 0..wanted {
        all.push(match item.text() {
            Some(text) if distinct => Tree::string(&format!("{text}{index}")),
            _ => item.clone(),
        });
    }
    *items = all;
    Some(format!("{} has {wanted}, distinct: {distinct}", tree.pointer(&way)))
}

/// A part of some document.
fn part(random: &mut Random, stock: &Stock) -> Tree {
    let mut base = random.pick(&stock.bases).1.clone();
    let way = anywhere(random, &base);
    base.at(&way).clone()
}

fn transplant(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let new = part(random, stock);
    replace(tree, &way, new)
}

fn siblings_swapped(random: &mut Random, tree: &mut Tree, _: &Stock) -> Option<String> {
    let way = object(random, tree)?;
    let pointer = tree.pointer(&way);
    let Tree::Object(members) = tree.at(&way) else { return None };
    let (one, other) = (random.below(members.len()), random.below(members.len()));
    let first = members.get(one)?.1.clone();
    members[one].1 = std::mem::replace(&mut members[other].1, first);
    Some(format!("{pointer}: {} and {}", members[one].0, members[other].0))
}

fn nested(random: &mut Random, tree: &mut Tree, _: &Stock) -> Option<String> {
    let way = anywhere(random, tree);
    let levels = 1 + random.below(60);
    let lists = random.once_in(2);
    let mut value = tree.at(&way).clone();
    for _ in 0..levels {
        value = if lists { Tree::Array(vec![value]) } else { Tree::object([("a", value)]) };
    }
    *tree.at(&way) = value;
    Some(format!("{} below {levels} {}", tree.pointer(&way), if lists { "lists" } else { "objects" }))
}

fn identity(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let (name, new) = match random.below(8) {
        0 => ("version", random.pick(&stock.versions).clone()),
        1 | 2 => ("chainId", random.pick(&stock.chains).clone()),
        3 | 4 => {
            let way = named(tree, "nftAddress")?;
            let address = tree.at(&way).text()?;
            let digits = address.trim_start_matches("0x").to_owned();
            let new = match random.below(9) {
                0 => address.to_lowercase(),
                1 => format!("0x{}", digits.to_uppercase()),
                2 => digits,
                3 => format!("0X{digits}"),
                4 => format!("{address}0"),
                5 => address.chars().take(41).collect(),
                6 => address.replacen('B', "b", 1),
                7 => format!(" {address}"),
                _ => "0x0000000000000000000000000000000000000000".to_owned(),
            };
            ("nftAddress", Tree::string(&new))
        }
        _ => {
            let way = named(tree, "id")?;
            let id = tree.at(&way).text()?;
            let new = match random.below(8) {
                0 => id.to_uppercase(),
                1 => id.replacen('a', "b", 1),
                2 => id.replace("did:op:", "did:ope:"),
                3 => id.replace("did:ope:", "did:op:"),
                4 => format!("{id}0"),
                5 => id.chars().take(70).collect(),
                6 => format!("{id}\n"),
                _ => id.replace("did:op", "did:ocean"),
            };
            ("id", Tree::string(&new))
        }
    };
    let way = named(tree, name)?;
    replace(tree, &way, new)
}

/// The first member of a name, from the root down.
fn named(tree: &Tree, name: &str) -> Option<Way> {
    let mut ways = tree.ways();
    ways.sort_by_key(Vec::len);
    let end = format!("/{name}");
    ways.into_iter().find(|way| tree.pointer(way).ends_with(&end))
}

fn shape(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let (name, new) = random.pick(&stock.shapes).clone();
    let end = format!("/{name}");
    let ways: Vec<Way> = tree.ways().into_iter().filter(|way| tree.pointer(way).ends_with(&end)).collect();
    if ways.is_empty() || random.once_in(5) {
        let way = object(random, tree)?;
        return insert(random, tree, &way, name, new, false);
    }
    let way = random.pick(&ways).clone();
    replace(tree, &way, new)
}

fn keyword(random: &mut Random, tree: &mut Tree, stock: &Stock) -> Option<String> {
    let (name, new) = random.pick(&stock.keywords).clone();
    match random.below(4) {
        // In the place of a value.
        0 => {
            let way = anywhere(random, tree);
            let mut members = vec![(name.to_owned(), new)];
            let (more, value) = random.pick(&stock.keywords).clone();
            if random.once_in(2) && more != name {
                members.push((more.to_owned(), value));
            }
            replace(tree, &way, Tree::Object(members))
        }
        // In the place of a value, which goes below the keyword.
        1 => {
            let way = anywhere(random, tree);
            let old = tree.at(&way).clone();
            replace(tree, &way, Tree::object([(name, old)]))
        }
        // Beside members.
        _ => {
            let way = object(random, tree)?;
            insert(random, tree, &way, name, new, false)
        }
    }
}
