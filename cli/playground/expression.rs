//! DynamoDB's expressions: rendered with their values in place, and held against an item, so that one can see which clause of a condition failed.

use serde_json::Value;

use super::call::show;

/// Words of the expression language that name no attribute.
const WORDS: [&str; 16] = [
    "AND",
    "OR",
    "NOT",
    "BETWEEN",
    "IN",
    "SET",
    "ADD",
    "REMOVE",
    "DELETE",
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
    "size",
    "if_not_exists",
];

/// A request, for what its expressions call names and values.
#[derive(Clone, Copy)]
pub(super) struct Names<'a>(pub(super) &'a Value);

impl<'a> Names<'a> {
    fn name(self, word: &'a str) -> &'a str {
        let given = self.0.get("ExpressionAttributeNames").and_then(|names| names.get(word)).and_then(Value::as_str);
        given.unwrap_or(word)
    }

    fn value(self, word: &str) -> Option<&'a Value> {
        self.0.get("ExpressionAttributeValues").and_then(|values| values.get(word))
    }

    /// The expression with names and harmless values in their places. What a value belongs to is the attribute named last before it.
    pub(super) fn render(self, expression: &str) -> String {
        let mut rendered = String::new();
        let mut attribute = String::new();
        for token in tokens(expression) {
            if token.starts_with(':') {
                rendered += &self.value(token).map_or_else(|| token.to_owned(), |value| show(&attribute, value));
                continue;
            }
            let given = self.0.get("ExpressionAttributeNames").and_then(|names| names.get(token)).and_then(Value::as_str);
            let word = given.unwrap_or(token);
            if given.is_some() || (word.starts_with(|c: char| c.is_ascii_alphabetic()) && !WORDS.contains(&word)) {
                word.clone_into(&mut attribute);
            }
            rendered += word;
        }
        rendered
    }

    /// Whether a clause holds for `item`; none where it has a form that is not understood here.
    pub(super) fn holds(self, clause: &'a str, item: &Value) -> Option<bool> {
        let clause = clause.trim();
        if let Some(inner) = clause.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
            && is_balanced(inner)
        {
            return self.holds_any(inner, item);
        }
        if let Some((function, arguments)) = clause.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            let (name, value) = arguments.split_once(", ").map_or((arguments, None), |(name, value)| (name, self.value(value.trim())));
            let found = item.get(self.name(name.trim()));
            return match function {
                "attribute_exists" => Some(found.is_some()),
                "attribute_not_exists" => Some(found.is_none()),
                "contains" => Some(found.is_some_and(|found| value.is_some_and(|value| has(found, value)))),
                _ => None,
            };
        }
        let (name, operator, value) = read_comparison(clause)?;
        let value = self.value(value)?;
        // What is not there equals nothing.
        item.get(self.name(name)).map_or(Some(false), |found| compare(found, operator, value))
    }

    fn holds_any(self, alternatives: &'a str, item: &Value) -> Option<bool> {
        let verdicts: Option<Vec<bool>> = alternatives.split(" OR ").map(|one| self.holds(one, item)).collect();
        verdicts.map(|verdicts| verdicts.contains(&true))
    }
}

fn read_comparison(clause: &str) -> Option<(&str, &str, &str)> {
    let mut words = clause.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(name), Some(operator), Some(value), None) => Some((name, operator, value)),
        _ => None,
    }
}

fn compare(left: &Value, operator: &str, right: &Value) -> Option<bool> {
    if operator == "=" {
        return Some(left == right);
    }
    let number = |value: &Value| value.get("N").and_then(Value::as_str).and_then(|text| text.parse::<i64>().ok());
    let (left, right) = (number(left)?, number(right)?);
    match operator {
        ">" => Some(left > right),
        ">=" => Some(left >= right),
        "<" => Some(left < right),
        "<=" => Some(left <= right),
        _ => None,
    }
}

/// Whether a list or a set has `value`.
fn has(found: &Value, value: &Value) -> bool {
    let is_in = |kind: &str, value: Option<&Value>| {
        let all = found.get(kind).and_then(Value::as_array);
        all.is_some_and(|all| value.is_some_and(|value| all.contains(value)))
    };
    is_in("L", Some(value)) || is_in("SS", value.get("S"))
}

/// The parts of `text` between separators that stand outside of parentheses.
pub(super) fn split_outside(text: &str, separator: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut open = String::new();
    for part in text.split(separator) {
        if !open.is_empty() {
            open += separator;
        }
        open += part;
        if is_balanced(&open) {
            parts.push(std::mem::take(&mut open));
        }
    }
    parts
}

/// Whether each parenthesis that is closed was opened before, and the other way round.
fn is_balanced(text: &str) -> bool {
    let depth = text.chars().try_fold(0_usize, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

/// Words with what belongs to a name, and whatever stands between them.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '#' | ':' | '.');
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}
