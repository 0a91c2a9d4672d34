# Pages about what went wrong: a title, what happened, and what to do.

error-code = Error { $code }.
error-log = Whoever runs this server finds it in the log as { $id }.
error-support = You can reach the people who run this site at { $address }.
error-turn-you = It is your turn
error-turn-app = It is the application's turn
error-turn-site = It is this site's turn

# What to do.
error-advice-back = Go back to the application and try again. If it happens again, tell the people who run it.
error-advice-again = Go back to the application and sign in again.
error-advice-wait = Wait a few minutes, then try again.
error-advice-reload = Wait a moment, then reload this page.
error-advice-code = Look at the device once more, and type its code in again.
error-advice-device = If the device is not connected, start again there and use its new code.
error-advice-ask = If you think that is wrong, ask the people who run this site.
error-advice-tell = Tell the people who run this site.
error-advice-logout = Nothing was changed here. To sign out here, open this page's address without anything after “/logout”. Tell the people who run the application.

# What happened.
error-unavailable = Not available at the moment
error-unavailable-why = This server can't reach what it needs to go on. Nothing was lost.
error-faulty = The application sent a faulty request
error-long-why = The request is longer than this server accepts.
error-params-why = Its parameters can't be read, or one is there twice.
error-client-missing-why = It does not say which application it is (client_id).
error-client-unknown = Unknown application
error-client-unknown-why = No application is registered here under this client_id.
error-client-many = Too many unknown applications
error-client-many-why = Too many applications that are not known here were asked for from your network.
error-client-unread = The application can't be looked up
error-client-unread-why = The address that describes it (client_id) can't be read.
error-client-document = The application describes itself wrongly
error-client-document-why = The document at its address (client_id) is not one that this server accepts.
error-redirect-missing-why = It does not say where to send you back to (redirect_uri).
error-elsewhere = You would have been sent somewhere else
error-redirect-why = The address to send you back to (redirect_uri) is not registered for this application. For your safety, nothing was sent there.
error-request-why = It can't be accepted, and it does not say where to send you back to.
error-pushed = This request can't be used any more
error-pushed-why = It was used before, has waited too long, or was never made here by this application.
error-browser = This request belongs to another browser
error-browser-why = It was opened in another browser first, or this one did not keep its cookies. Cookies have to be allowed for this site.
error-form = This page can't be used any more
error-form-why = It was made for another browser or has waited too long. Cookies have to be allowed for this site.
error-code-wrong = This is no code of a device
error-code-wrong-why = A code has eight letters.
error-code-over = This code can't be used any more
error-code-over-why = It was answered already, or has waited too long.
error-two-why = It asks to sign in for two things at once.
error-login-off = Not available here
error-login-off-why = Nobody signs in this way here.
error-login-foreign = This sign-in can't be finished here
error-login-foreign-why = It was begun in another browser, in another tab, or too long ago. Cookies have to be allowed for this site.
error-login-failed = The sign-in did not work
error-site-token-why = The message from the site's login can't be accepted.
error-login-replayed = Already signed in
error-login-replayed-why = This sign-in was used before, and counts once.
error-locked = This account is locked
error-locked-why = It can't be used to sign in.
error-subject-why = The site's name for you belongs to another account here.
error-logout-hint-why = It says for whom it asks to sign out (id_token_hint), but not with an ID token of this server.
error-logout-client-why = Its ID token (id_token_hint) was issued to another application (client_id).
error-logout-nobody-why = It says where to send you afterwards (post_logout_redirect_uri), but not which application it is.
error-logout-redirect-why = The address to send you to afterwards (post_logout_redirect_uri) is not registered for this application. For your safety, nothing was sent there.
error-logout-state-why = Its state is longer than this server accepts.
