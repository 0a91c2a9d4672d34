//! What somebody logs in for who typed in a device's code, and the way back to it.

use crate::endpoint::front::errand::Errand;
use crate::model::device::UserCode;
use crate::protocol::language::Language;

/// What the way back begins with.
const PATH: &str = "/device?user_code=";
/// What stands between the code and the language.
const LANGUAGE: &str = "&ui_locales=";

/// Somebody logs in for the device that shows this code. Whether there is one is not asked before somebody has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::endpoint::front) struct DeviceErrand {
    /// The code.
    pub(in crate::endpoint::front) code: UserCode,
    /// The language that the device asked for, which goes along to the last page.
    pub(in crate::endpoint::front) language: Option<Language>,
}

impl DeviceErrand {
    /// Reads it from the field that carries it: the code however people write it, and a language that pages are written in.
    pub(in crate::endpoint::front) fn parse(text: &str) -> Option<Self> {
        let (code, language) = match text.split_once(LANGUAGE) {
            Some((code, tag)) => (code, Some(Language::try_from(tag.to_owned()).ok()?)),
            None => (text, None),
        };
        Some(Self { code: UserCode::parse(code).ok()?, language })
    }

    /// Reads it from its way back, as [`Self::path`] spells it and in no other spelling.
    pub(in crate::endpoint::front) fn from_path(path: &str) -> Option<Self> {
        let text = path.strip_prefix(PATH)?;
        Self::parse(text).filter(|errand| errand.field() == text)
    }

    /// What stands in the field that carries it.
    pub(in crate::endpoint::front) fn field(&self) -> String {
        match self.language {
            Some(language) => format!("{}{LANGUAGE}{}", self.code.display(), language.tag()),
            None => self.code.display(),
        }
    }

    /// The way back, a path of this server.
    pub(in crate::endpoint::front) fn path(&self) -> String {
        format!("{PATH}{}", self.field())
    }
}

impl From<DeviceErrand> for Errand {
    fn from(errand: DeviceErrand) -> Self {
        Self::Device(errand)
    }
}
