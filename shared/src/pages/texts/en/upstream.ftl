# Signing in with an account elsewhere.

upstream-continue = Continue with { $provider }
upstream-denied = { $provider } did not sign you in, or you cancelled there. You can try again.
upstream-failed = Signing in with { $provider } did not work. Try again; if it happens again, tell the people who run this site.
upstream-unavailable = { $provider } can't be reached at the moment. Nothing was lost: wait a moment, then try again.
upstream-no-account = No account here is connected with your account at { $provider }. Sign in another way first, then connect it on your account page.
upstream-address-known = There may already be an account here with your e-mail address. Sign in to it another way, then connect { $provider } on your account page.
