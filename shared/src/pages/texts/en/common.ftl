# What several pages say. No message has markup; arguments are names, codes and numbers.

signed-in-as = You are signed in as { $user }.
continue = Continue
go-on = Go on
allow = Allow
deny = Deny
list-separator = { ", " }
place-computer = a program on this computer
place-app = an app on this device
client-asks = { $client } asks for:
client-identifier = Its identifier here is { $id }.
client-identifier-of = The identifier of { $client } here is { $id }.
too-many-attempts =
    { $minutes ->
        [one] Too many attempts. Try again in a minute.
       *[other] Too many attempts. Try again in { $minutes } minutes.
    }
answer-title = Going on to { $client }
answer-hint = If nothing happens, press the button.
leaving-title = Leave this server?
leaving-heading = Go on to { $place }?
leaving-why = An application sent your browser here, with a request that ended before anybody signed in. It wants your browser to go on.
leaving-who = It calls itself { $client }. It registered itself, and nobody here has checked who is behind it. Go on only if you meant to use it; otherwise close this page.
site-help = Help
site-privacy = Privacy
site-terms = Terms
