# Signing in with a password, and choosing an account.

login-title = Sign in
login-continue = to continue to { $client }
login-device = to connect the device that shows { $code }
login-username = User name
login-password = Password
login-submit = Sign in
login-or = or
login-site = Sign in at { $host }
login-problem-credentials = The user name or the password is not right. Try again.
login-problem-expired = This page had waited too long. Please sign in once more.
chooser-title = Choose an account
chooser-continue = Continue as { $user }
chooser-other = Use another account
stronger-title = A stronger sign-in is needed
stronger-why = { $client } asks for more than the sign-in that you have.
stronger-set-up = You can set it up now, and go on after that.
stronger-again = Sign in with your passkey or second factor
stronger-passkey = Create a passkey
stronger-factor = Set up a second factor
stronger-leave = Go back to { $client } without it
login-stronger-passkey = { $client } asks you to sign in with a passkey.
login-stronger-factor = { $client } asks for a passkey, or for a second factor beside your password.
login-stronger-code = { $client } asks for a second factor beside your password.
onward-why = { $client } asks for a stronger sign-in. Set it up here, then go on.
onward-link = Go on to { $client }
