//! How strong a new password must be (NIST SP 800-63B section 3.1.1.2): long enough, and not easily guessed. No rules about which characters it has.

use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::{Score, zxcvbn};

use crate::model::secret::Secret;

/// The shortest password, in characters, and the longest, in bytes.
pub const SHORTEST: usize = 8;
/// The longest password, in bytes.
pub const LONGEST: usize = 1024;
/// The longest text about the person that is looked for in the password, in bytes, and how many.
const MAX_ABOUT: usize = 64;
const MAX_ABOUTS: usize = 8;

/// Why a password can't be taken, as far as people can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// It has less than [`SHORTEST`] characters.
    TooShort,
    /// It has more than [`LONGEST`] bytes.
    TooLong,
    /// A program would guess it, for this reason.
    Guessable(Pattern),
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Keys that lie side by side.
    Keyboard,
    /// The same again and again.
    Repeats,
    /// A sequence such as `abcd` or `6543`.
    Sequence,
    /// One of the passwords that many people have, or nearly so.
    Common,
    /// A date or a year.
    Date,
    /// A word, or a name.
    Word,
    /// Nothing in particular: it is too short for what it is made of, or it says who the person is.
    Other,
}

/// Checks a new password. `about` is what is known of the person: name, address, site. Takes some milliseconds of a processor; only the first hundred
/// characters are judged, which bounds the work.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_strength(password: &Secret, about: &[&str]) -> Result<(), Weakness> {
    let text = password.expose();
    if text.len() > LONGEST {
        return Err(Weakness::TooLong);
    }
    if text.chars().count() < SHORTEST {
        return Err(Weakness::TooShort);
    }
    let about: Vec<&str> = about.iter().flat_map(|text| parts(text)).take(MAX_ABOUTS).collect();
    let judged = zxcvbn(text, &about);
    if judged.score() >= Score::Three {
        return Ok(());
    }
    let feedback = judged.feedback();
    let pattern = feedback
        .and_then(|feedback| feedback.warning().map(pattern_of).or_else(|| feedback.suggestions().iter().copied().find_map(hinted)));
    Err(Weakness::Guessable(pattern.unwrap_or(Pattern::Other)))
}

/// A text about the person, whole and in its parts: of an address what stands before the `@`, of a full name each name.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let bounded = text.get(..text.floor_char_boundary(MAX_ABOUT)).unwrap_or_default();
    std::iter::once(bounded).chain(bounded.split([' ', '@']).filter(move |part| part.len() > 2 && *part != bounded))
}

fn pattern_of(warning: Warning) -> Pattern {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Pattern::Keyboard,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Pattern::Repeats,
        Warning::SequencesLikeAbcAreEasyToGuess => Pattern::Sequence,
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Pattern::Common,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Pattern::Date,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Pattern::Word,
    }
}

fn hinted(suggestion: Suggestion) -> Option<Pattern> {
    match suggestion {
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => Some(Pattern::Keyboard),
        Suggestion::AvoidRepeatedWordsAndCharacters => Some(Pattern::Repeats),
        Suggestion::AvoidSequences => Some(Pattern::Sequence),
        Suggestion::AvoidRecentYears
        | Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Some(Pattern::Date),
        Suggestion::UseAFewWordsAvoidCommonPhrases
        | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
        | Suggestion::AddAnotherWordOrTwo
        | Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase
        | Suggestion::ReversedWordsArentMuchHarderToGuess
        | Suggestion::PredictableSubstitutionsDontHelpVeryMuch => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), Weakness> {
        check_strength(
            &Secret::new(password),
            &["alice.quibblethorpe@zanzibar-books.example", "Alice Quibblethorpe", "id.zanzibar-books.example"],
        )
    }

    /// NIST SP 800-63B section 3.1.1.2
    #[test]
    fn passwords_are_judged_by_how_hard_they_are_to_guess_and_not_by_what_they_are_made_of() {
        for good in [
            "correct horse battery staple",
            "vielleicht morgen im garten",
            "kq7mxw2vhd",
            "パスワードは長い方が良いです",
            "        x  y    q z",
        ] {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
        for (weak, why) in [
            ("", Weakness::TooShort),
            ("kq7mxw2", Weakness::TooShort),
            ("パスワード良い", Weakness::TooShort),
            ("password", Weakness::Guessable(Pattern::Common)),
            ("P@ssw0rd1", Weakness::Guessable(Pattern::Common)),
            ("qwertyuiop", Weakness::Guessable(Pattern::Common)),
            ("zxcvfrewq", Weakness::Guessable(Pattern::Keyboard)),
            ("aaaaaaaaaaaa", Weakness::Guessable(Pattern::Repeats)),
            ("abcdefghijk", Weakness::Guessable(Pattern::Sequence)),
            ("13.05.1987", Weakness::Guessable(Pattern::Date)),
        ] {
            assert_eq!(judge(weak), Err(why), "{weak}");
        }
        for own in ["quibblethorpe", "Quibblethorpe1", "alice.quibblethorpe", "id.zanzibar-books.example"] {
            assert!(matches!(judge(own), Err(Weakness::Guessable(_))), "{own}");
        }
        assert_eq!(judge(&"long ".repeat(205)), Err(Weakness::TooLong));
    }

    /// Whatever comes in, the work is bounded
    #[test]
    fn the_longest_passwords_are_judged_as_well() {
        let longest: String = "aA1!bB2@".chars().cycle().take(LONGEST).collect();
        let _ = judge(&longest);
        assert_eq!(judge(&"a".repeat(LONGEST)), Err(Weakness::Guessable(Pattern::Repeats)));
    }
}
