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
