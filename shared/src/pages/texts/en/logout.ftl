# Signing out.

logout-title = Sign out?
logout-user = You are signed in here as { $user }.
logout-client = { $client } asks to sign you out here as well. Other applications that you opened with this sign-in may sign you out, too.
logout-alone = Applications that you opened with this sign-in may sign you out, too.
logout-onward = Afterwards your browser goes on to { $place }.
logout-submit = Sign out
logout-stay = Stay signed in
signed-in-title = Still signed in
signed-in-heading = You are still signed in
signed-in-alone = Nothing was changed. You can close this page.
signed-in-client = Nothing was changed here; { $client } may have ended its own sign-in. You can close this page.
signed-out-title = Signed out
signed-out-heading = You are signed out
signed-out-alone = Nobody is signed in here in this browser any more. You can close this page.
signed-out-client = Nobody is signed in here in this browser any more. You can go back to { $client }, or close this page.
signed-out-next = An application that registered itself here wants your browser to go on to { $place }. Nobody here has checked who is behind it. Go on only if you meant to use it.
