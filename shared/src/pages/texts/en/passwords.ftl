# Passwords, second factors and addresses, and the mails about them.

login-forgot = Forgot your password?
login-sign-up = Create an account
factor-title = One more step
factor-hint = Your password was right. Now type in the code that your app shows, or one of your recovery codes.
factor-hint-elsewhere = You have signed in elsewhere. Now type in the code that your app shows, or one of your recovery codes.
factor-code = Code
factor-other = Start over
factor-wrong = This code is not right, or was used before. Wait for the next one, and try again.
factor-too-many =
    { $minutes ->
        [one] Too many codes. Try again in a minute, or use a recovery code.
       *[other] Too many codes. Try again in { $minutes } minutes, or use a recovery code.
    }
sign-up-title = Create an account
sign-up-hint = We send you a link by which you show that the address is yours. You choose a password after that.
sign-up-hint-passkey = We send you a link by which you show that the address is yours. After that you create a passkey or choose a password.
sign-up-passkey = Create the account with a passkey
sign-up-passkey-failed = No passkey was made. Try again, or choose a password.
sign-up-has-account = I have an account
address-label = E-mail address
address-bad = This is no e-mail address that mail can be sent to. Look at it once more.
address-other-domain = Nobody with an address of this domain can create an account here.
send-link = Send me a link
forgot-title = Forgot your password?
forgot-hint = We send a link to the address of your account. With it you choose a new password.
forgot-name = User name or e-mail address
forgot-no-name = Type in your user name or your e-mail address.
forgot-back = Back to sign-in
sent-title = Look into your mail
sent-why = If mail can be sent, it is on its way. Follow the link in it.
sent-nothing = Nothing there after a few minutes? Look among the unwanted mail, and make sure that what you typed in was right. An account without a confirmed e-mail address gets no mail; the people who run this site can help.
choose-title = Choose a new password
choose-new-title = Choose a password
choose-for = for { $account }
choose-ends = You will be signed out everywhere.
choose-submit = Save the password
choose-new-submit = Create the account
password-new = New password
password-current = Present password
password-rules = At least 8 characters. A few words that nobody else would put together are better than tricks with digits and symbols. A password manager is better still.
password-too-short = This password is too short. Give at least { $least } characters.
password-too-long = This password is too long.
password-weak-keyboard = Keys side by side are easy to guess.
password-weak-repeats = The same again and again is easy to guess.
password-weak-sequence = Sequences like abc or 6543 are easy to guess.
password-weak-common = Many people have this password, or one much like it.
password-weak-date = Dates and years are easy to guess.
password-weak-word = A single word or name is easy to guess.
password-weak-other = This password is easy to guess. It may have too much of your name or address in it.
password-weak-advice = Add another word or two that do not belong together.
password-wrong = The present password is not right. Try again.
password-ends = You stay signed in here, and are signed out everywhere else.
password-elsewhere = You sign in somewhere else, and have no password here.
verify-done = Your account is ready
verify-email-done = Your e-mail address is changed
verify-done-why = Go back to the application and sign in, or see your account here.
reset-done = Your password is changed
reset-done-why = You are signed out everywhere. Go back to the application and sign in with the new password. If somebody else may have known the old one, look at your account as well.
finished-account = See my account
confirm-email-title = Confirm your new address
confirm-email = From now on { $email } will be the address of your account.
confirm-email-submit = Confirm
error-link = This link can't be used any more
error-link-why = It was used already, has waited too long, or something about the account has changed since.
error-advice-link = Ask for a new one where you sign in.
email-present = The address of your account is { $email }.
email-hint = We send a link to the new address. The change counts once you have followed it; the old address is told.
email-new = New e-mail address
email-elsewhere = Your address comes from where you sign in. Change it there.
factors-hint = With a second factor, your password alone opens nothing: a code of your phone is asked for as well.
factors-on = The second factor is on.
factors-off = The second factor is off.
factors-begin = Set up an app
factors-no-password = A second factor stands beside a password. You have none here.
factors-left =
    { $left ->
        [0] No recovery code is left.
        [one] One recovery code is left.
       *[other] { $left } recovery codes are left.
    }
factors-few = Make new recovery codes before you need them.
factors-renew = Make new recovery codes
factors-remove = Switch the second factor off
enrol-scan = Scan this with an authenticator app on your phone.
enrol-picture = QR code for your authenticator app
enrol-open = Or open it in an app on this device
enrol-type = Or type this key into the app:
enrol-code = The code that the app shows now
enrol-submit = Switch it on
enrol-cancel = Cancel
codes-title = Your recovery codes
codes-why = Each of them signs you in once, in place of a code of your app. Keep them where you will find them without your phone.
codes-once = They are shown this once and never again. Older ones count no more.
codes-kept = I have kept them
mail-ignore = If you did not ask for this, you need not do anything.
mail-sign-up-subject = Your account at { $site }
mail-sign-up = Somebody wants to create an account at { $site } with this e-mail address. If it was you, follow this link within an hour to go on.
mail-sign-up-link = Create the account
mail-there-subject = Your account at { $site }
mail-there = Somebody wanted to use this e-mail address for an account at { $site }. There is an account with it already.
mail-there-forgot = If it was you, sign in with it. If you forgot the password, the sign-in page lets you choose a new one.
mail-there-link = Sign in
mail-not-there-subject = No account at { $site }
mail-not-there = Somebody asked for a new password at { $site } for this e-mail address. There is no account with it. If it was you, you may have signed up with another address.
mail-reset-subject = A new password at { $site }
mail-reset = Somebody forgot the password of your account at { $site }. If it was you, follow this link within half an hour and choose a new one.
mail-reset-link = Choose a new password
mail-email-subject = Your new address at { $site }
mail-email = Somebody wants to make this the address of their account at { $site }. If it was you, follow this link within an hour.
mail-email-link = Confirm the address
mail-news-subject = Your account at { $site } was changed
mail-news-link = See your account
mail-news-alarm = If this was not you, somebody else may be in your account. Choose a new password at once and look at what else was changed.
mail-password-changed = The password of your account at { $site } was changed.
mail-factor-added = The second factor of your account at { $site } was switched on.
mail-factor-removed = The second factor of your account at { $site } was switched off.
mail-recovery-renewed = New recovery codes were made for your account at { $site }.
mail-recovery-used =
    { $left ->
        [0] Somebody signed in with the last of your recovery codes. Make new ones.
        [one] Somebody signed in with one of your recovery codes. One is left.
       *[other] Somebody signed in with one of your recovery codes. { $left } are left.
    }
mail-email-changed = The e-mail address of your account at { $site } was changed. Mail about it goes to the new address from now on.
account-email = E-mail address
account-email-words = Where links and news about your account go.
account-done-password = Your password is changed, and you are signed out everywhere else.
account-done-factor = The second factor is switched off.
account-done-email = If mail can be sent there, a link is on its way. The address counts once you have followed it.
