//! Passwords, second factors and addresses: signing up, what a link in a mail opens, and the account pages about them.

use askama::Template;

use super::account::Frame;
use super::passkeys::CREATION;
use super::qr::QrPicture;
use super::{OnwardLink, Page, Policy, View, render};
use crate::password::{Pattern, SHORTEST, Weakness};

/// Why something on these pages did not work, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The form was sent by another browser, or waited too long.
    Expired,
    /// Too many attempts.
    TooManyAttempts {
        /// Minutes to wait, at least 1.
        minutes: i64,
    },
    /// Too many codes; a recovery code may still be taken.
    TooManyCodes {
        /// Minutes to wait, at least 1.
        minutes: i64,
    },
    /// The code is wrong, or was used.
    WrongCode,
    /// The present password is wrong.
    WrongPassword,
    /// This is no address that mail can be sent to.
    BadAddress,
    /// Nobody with an address of this domain may make an account.
    OtherDomain,
    /// Nothing was typed in.
    NoName,
    /// The passkey that was made does not count.
    PasskeyNotAdded,
    /// The new password can't be taken.
    Weak(Weakness),
}

impl PasswordProblem {
    /// What people read.
    #[must_use]
    pub fn sentence(self, view: &View) -> String {
        match self {
            Self::Expired => view.say("login-problem-expired").into_owned(),
            Self::TooManyAttempts { minutes } => view.tell("too-many-attempts", [("minutes", minutes)]),
            Self::TooManyCodes { minutes } => view.tell("factor-too-many", [("minutes", minutes)]),
            Self::WrongCode => view.say("factor-wrong").into_owned(),
            Self::WrongPassword => view.say("password-wrong").into_owned(),
            Self::BadAddress => view.say("address-bad").into_owned(),
            Self::OtherDomain => view.say("address-other-domain").into_owned(),
            Self::NoName => view.say("forgot-no-name").into_owned(),
            Self::PasskeyNotAdded => view.say("passkeys-not-added").into_owned(),
            Self::Weak(weakness) => weakness_words(view, weakness),
        }
    }
}

fn weakness_words(view: &View, weakness: Weakness) -> String {
    let why = match weakness {
        Weakness::TooShort => return view.tell("password-too-short", [("least", SHORTEST)]),
        Weakness::TooLong => return view.say("password-too-long").into_owned(),
        Weakness::Guessable(pattern) => match pattern {
            Pattern::Keyboard => view.say("password-weak-keyboard"),
            Pattern::Repeats => view.say("password-weak-repeats"),
            Pattern::Sequence => view.say("password-weak-sequence"),
            Pattern::Common => view.say("password-weak-common"),
            Pattern::Date => view.say("password-weak-date"),
            Pattern::Word => view.say("password-weak-word"),
            Pattern::Other => view.say("password-weak-other"),
        },
    };
    format!("{why}{}{}", view.gap(), view.say("password-weak-advice"))
}

/// The page that asks for the second factor.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/factor.html")]
pub struct FactorPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// It comes after a login at a provider, not after a password.
    pub is_elsewhere: bool,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// What the login is for, as a hidden field.
    pub errand: (&'a str, &'a str),
    /// For whom the page is, sealed, in the hidden field `pending`.
    pub pending: &'a str,
    /// Where the login begins anew.
    pub back: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page on which somebody begins to make an account.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/sign_up.html")]
pub struct SignUpPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// Whether a passkey may be made in place of a password.
    pub passkeys: bool,
    /// What stands in the field `email` at first.
    pub email: &'a str,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// What the account is for, as a hidden field.
    pub errand: (&'a str, &'a str),
    /// Where people log in who have an account.
    pub back: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page for whoever forgot a password.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/forgot.html")]
pub struct ForgotPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What stands in the field `username` at first.
    pub username: &'a str,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// What the login is for, as a hidden field.
    pub errand: (&'a str, &'a str),
    /// Where the login begins anew.
    pub back: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page that says to look into one's mail, whether or not there is any.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/sent.html")]
pub struct MailSentPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// Where the login begins anew.
    pub back: &'a str,
}

/// The page behind a link, on which a password is chosen.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/choose.html")]
pub struct ChoosePasswordPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// Where the form goes.
    pub action: &'a str,
    /// It is the first password of a new account.
    pub is_new: bool,
    /// A passkey may be made in its place. Only browsers that can are offered to.
    pub passkeys: bool,
    /// What the person logs in with beside it.
    pub account: &'a str,
    /// What the link carried, in the hidden field `token`.
    pub token: &'a str,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page behind a link that proves a new address.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/confirm_email.html")]
pub struct ConfirmEmailPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// The address.
    pub email: &'a str,
    /// What the link carried, in the hidden field `token`.
    pub token: &'a str,
    /// The token that binds the form to the browser, in the hidden field `form_token`.
    pub form_token: &'a str,
}

/// The page after a link was used.
#[derive(Clone, Debug, Template)]
#[template(path = "passwords/finished.html")]
pub struct FinishedPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What was done: the id of a message.
    pub title: &'a str,
    /// What comes next: the id of a message.
    pub message: &'a str,
}

/// `/account/password`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// What the person logs in with beside it; none for who logs in elsewhere.
    pub username: Option<&'a str>,
    /// There is one, which has to be given.
    pub has_password: bool,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// `/account/factors`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/factors.html")]
pub struct FactorsPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// There is a password that a second factor could stand beside.
    pub has_password: bool,
    /// How many recovery codes are left; none without a second factor.
    pub codes_left: Option<usize>,
    /// The authorization request that waits for it, if one led here.
    pub onward: Option<OnwardLink<'a>>,
    /// The token that binds the forms to the browser.
    pub form_token: &'a str,
}

/// `/account/factors`, while a second factor is set up.
#[derive(Clone, Debug, Template)]
#[template(path = "account/enrol.html")]
pub struct EnrolPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The QR code that an app reads.
    pub picture: Option<&'a QrPicture>,
    /// The same for typing.
    pub key: &'a str,
    /// The same as a link, which opens an app on this device.
    pub uri: &'a str,
    /// The seed, sealed, in the hidden field `pending`.
    pub pending: &'a str,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// The authorization request that waits for it, if one led here.
    pub onward: Option<OnwardLink<'a>>,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// `/account/factors`, with new recovery codes.
#[derive(Clone, Debug, Template)]
#[template(path = "account/recovery_codes.html")]
pub struct RecoveryCodesPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The codes.
    pub codes: &'a [&'a str],
    /// The authorization request that waits for it, if one led here.
    pub onward: Option<OnwardLink<'a>>,
}

/// `/account/email`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/email.html")]
pub struct EmailPage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The address that is known.
    pub present: Option<&'a str>,
    /// The account is kept here, and so is its address.
    pub is_here: bool,
    /// What stands in the field `email` at first.
    pub typed: &'a str,
    /// What went wrong before.
    pub problem: Option<PasswordProblem>,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// Recovery codes below which people are told to make new ones.
const FEW: usize = 3;

impl FactorsPage<'_> {
    fn has_few(&self) -> bool {
        self.codes_left.is_some_and(|left| left <= FEW)
    }
}

impl EnrolPage<'_> {
    /// The key in groups of four, as people type it.
    fn groups(&self) -> Vec<String> {
        let characters: Vec<char> = self.key.chars().collect();
        characters.chunks(4).map(|group| group.iter().collect()).collect()
    }
}

impl ChoosePasswordPage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, if self.passkeys { Policy::Asking(CREATION) } else { Policy::Form })
    }

    /// What it is about: the id of a message.
    fn title(&self) -> &'static str {
        match (self.is_new, self.passkeys) {
            (true, true) => "sign-up-title",
            (true, false) => "choose-new-title",
            (false, _) => "choose-title",
        }
    }
}

macro_rules! rendered {
    ($($page:ident),*) => { $(impl $page<'_> {
        /// The document.
        #[must_use]
        pub fn render(&self) -> Page {
            render(self, self.view, Policy::Form)
        }
    })* };
}

rendered!(
    FactorPage,
    SignUpPage,
    ForgotPage,
    MailSentPage,
    ConfirmEmailPage,
    FinishedPage,
    PasswordPage,
    FactorsPage,
    EnrolPage,
    RecoveryCodesPage,
    EmailPage
);

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pages::account::Section;

    /// Every page here, with `text` wherever a stranger may put one.
    pub(in crate::pages) fn pages(view: &View, text: &str) -> Vec<Page> {
        let sections = [Section { path: "/account/factors", name: "factors", is_current: true }];
        let [current, ..] = sections;
        let frame = Frame { user_name: text, current, sections: &sections, notice: None };
        let picture = QrPicture { size: 29, path: "M4 4h7v1h-7z".to_owned() };
        let weak = Some(PasswordProblem::Weak(Weakness::Guessable(Pattern::Word)));
        let (errand, form_token, wrong) = (("request", text), text, Some(PasswordProblem::WrongCode));
        let choose = |is_new, passkeys| {
            let action = "/login/verify";
            ChoosePasswordPage { view, action, is_new, passkeys, account: text, token: text, problem: weak, form_token }.render()
        };
        let sign_up = |passkeys| {
            SignUpPage { view, passkeys, email: text, problem: Some(PasswordProblem::BadAddress), errand, back: text, form_token }.render()
        };
        let factor =
            |is_elsewhere| FactorPage { view, is_elsewhere, problem: wrong, errand, pending: text, back: text, form_token }.render();
        let onward = Some(OnwardLink::of(text));
        let factors = |codes_left| FactorsPage { view, frame: frame.clone(), has_password: true, codes_left, onward: None, form_token };
        let password = |username| PasswordPage { view, frame: frame.clone(), username, has_password: true, problem: weak, form_token };
        let email =
            |is_here| EmailPage { view, frame: frame.clone(), present: Some(text), is_here, typed: text, problem: weak, form_token };
        vec![
            factor(false),
            factor(true),
            sign_up(true),
            sign_up(false),
            ForgotPage { view, username: text, problem: Some(PasswordProblem::NoName), errand, back: text, form_token }.render(),
            MailSentPage { view, back: text }.render(),
            choose(true, true),
            choose(true, false),
            choose(false, false),
            ConfirmEmailPage { view, email: text, token: text, form_token }.render(),
            FinishedPage { view, title: "reset-done", message: "reset-done-why" }.render(),
            password(Some(text)).render(),
            password(None).render(),
            factors(None).render(),
            factors(Some(2)).render(),
            FactorsPage { has_password: false, ..factors(None) }.render(),
            FactorsPage { onward: onward.clone(), ..factors(None) }.render(),
            EnrolPage {
                view,
                frame: frame.clone(),
                picture: Some(&picture),
                key: "ABCDEFGH",
                uri: text,
                pending: text,
                problem: wrong,
                onward: onward.clone(),
                form_token,
            }
            .render(),
            RecoveryCodesPage { view, frame: frame.clone(), codes: &[text], onward: None }.render(),
            RecoveryCodesPage { view, frame: frame.clone(), codes: &[text], onward }.render(),
            email(true).render(),
            email(false).render(),
        ]
    }

    /// Every reason is told in words
    #[test]
    fn each_problem_is_a_sentence_of_its_own() {
        let view = View::new(crate::pages::Language::English, crate::pages::Look::plain());
        let patterns =
            [Pattern::Keyboard, Pattern::Repeats, Pattern::Sequence, Pattern::Common, Pattern::Date, Pattern::Word, Pattern::Other];
        let weak = patterns.map(Weakness::Guessable).into_iter().chain([Weakness::TooShort, Weakness::TooLong]).map(PasswordProblem::Weak);
        let others = [
            PasswordProblem::Expired,
            PasswordProblem::TooManyAttempts { minutes: 1 },
            PasswordProblem::TooManyCodes { minutes: 2 },
            PasswordProblem::WrongCode,
            PasswordProblem::WrongPassword,
            PasswordProblem::BadAddress,
            PasswordProblem::OtherDomain,
            PasswordProblem::NoName,
            PasswordProblem::PasskeyNotAdded,
        ];
        let sentences: std::collections::BTreeSet<String> = weak.chain(others).map(|problem| problem.sentence(&view)).collect();
        assert_eq!(sentences.len(), 18);
    }
}
