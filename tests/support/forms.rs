//! HTML forms, as far as our own pages have them: found by an id, filled in, and sent by a button.

/// A form that somebody is about to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: String,
    fields: Vec<(String, String)>,
    buttons: Vec<(String, Option<(String, String)>)>,
}

impl Form {
    /// The form with the id `id` in `html`, if there is one.
    pub(crate) fn find(html: &str, id: &str) -> Option<Self> {
        let marker = format!("id=\"{id}\"");
        let (tag, rest) =
            html.match_indices("<form").filter_map(|(at, _)| html[at..].split_once('>')).find(|(tag, _)| tag.contains(&marker))?;
        let (inside, _) = rest.split_once("</form>").expect("the form ends");
        let fields =
            tags(inside, "<input").filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())));
        let fields = fields.chain(texts(inside)).chain(choices(inside));
        let buttons = tags(inside, "<button").filter_map(|button| {
            let value = attribute(button, "name").map(|name| (name, attribute(button, "value").unwrap_or_default()));
            Some((attribute(button, "id")?, value))
        });
        Some(Self { action: attribute(tag, "action").expect("an action"), fields: fields.collect(), buttons: buttons.collect() })
    }

    /// With `value` in the field `name`, which must be there.
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no field {name}"));
        value.clone_into(&mut field.1);
        self
    }

    /// What the field `name` holds.
    pub(crate) fn field(&self, name: &str) -> &str {
        &self.fields.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no field {name}")).1
    }

    /// The body that the button with the id `button` sends.
    pub(crate) fn press(&self, button: &str) -> String {
        let (_, value) = self.buttons.iter().find(|(id, _)| id == button).unwrap_or_else(|| panic!("no button {button}"));
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(self.fields.iter().chain(value));
        body.finish()
    }
}

/// The names and texts of the areas for several lines.
fn texts(html: &str) -> impl Iterator<Item = (String, String)> {
    html.match_indices("<textarea").filter_map(|(at, _)| {
        let (tag, rest) = html[at..].split_once('>')?;
        Some((attribute(tag, "name")?, unescape(rest.split_once("</textarea>")?.0)))
    })
}

/// The names of the lists and what is chosen in them: the first, where nothing is.
fn choices(html: &str) -> impl Iterator<Item = (String, String)> {
    html.match_indices("<select").filter_map(|(at, _)| {
        let (tag, rest) = html[at..].split_once('>')?;
        let (options, _) = rest.split_once("</select>")?;
        let chosen = tags(options, "<option").find(|option| option.ends_with(" selected")).or_else(|| tags(options, "<option").next())?;
        Some((attribute(tag, "name")?, attribute(chosen, "value")?))
    })
}

fn tags<'h>(html: &'h str, start: &'static str) -> impl Iterator<Item = &'h str> {
    html.match_indices(start).filter_map(|(at, _)| html[at..].split_once('>')).map(|(tag, _)| tag)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescape(value))
}

/// The text that an HTML attribute stands for.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (reference, character) in [
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(reference, character);
    }
    plain
}
