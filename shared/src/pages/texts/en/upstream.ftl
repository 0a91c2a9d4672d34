# Signing in with an account elsewhere.

upstream-continue = Continue with { $provider }
upstream-denied = { $provider } did not sign you in, or you cancelled there. You can try again.
upstream-failed = Signing in with { $provider } did not work. Try again; if it happens again, tell the people who run this site.
upstream-unavailable = { $provider } can't be reached at the moment. Nothing was lost: wait a moment, then try again.
upstream-no-account = No account here is connected with your account at { $provider }. Sign in another way first, then connect it on your account page.
upstream-address-known = There may already be an account here with your e-mail address. Sign in to it another way, then connect { $provider } on your account page.
connections-intro = Accounts elsewhere with which you sign in here. To connect one you sign in there.
connections-none = No account elsewhere is connected.
connections-since = Connected since { $time }.
connections-remove = Disconnect
connections-add = Connect { $provider }
connections-done-added = Connected. From now on you can sign in with it.
connections-done-removed = Disconnected. You can no longer sign in with it.
connections-others = This account at { $provider } is already connected with another account here, or you have too many connected. Nothing was changed.
connections-last = { $provider } is the only way in which you sign in here. Set up another one first, such as a passkey or a password.
