# Anmelden mit einem Konto anderswo.

upstream-continue = Weiter mit { $provider }
upstream-denied = { $provider } hat Sie nicht angemeldet, oder Sie haben dort abgebrochen. Sie können es noch einmal versuchen.
upstream-failed = Die Anmeldung mit { $provider } hat nicht geklappt. Versuchen Sie es noch einmal; wenn es wieder geschieht, sagen Sie es den Betreibern dieser Website.
upstream-unavailable = { $provider } ist gerade nicht erreichbar. Es ist nichts verloren: Warten Sie einen Moment und versuchen Sie es dann noch einmal.
upstream-no-account = Kein Konto hier ist mit Ihrem Konto bei { $provider } verbunden. Melden Sie sich zuerst auf einem anderen Weg an und verbinden Sie es dann auf Ihrer Kontoseite.
upstream-address-known = Möglicherweise gibt es hier schon ein Konto mit Ihrer E-Mail-Adresse. Melden Sie sich dort auf einem anderen Weg an und verbinden Sie { $provider } dann auf Ihrer Kontoseite.
connections-intro = Konten anderswo, mit denen Sie sich hier anmelden. Um eines zu verbinden, melden Sie sich dort an.
connections-none = Kein Konto anderswo ist verbunden.
connections-since = Verbunden seit { $time }.
connections-remove = Trennen
connections-add = { $provider } verbinden
connections-done-added = Verbunden. Ab jetzt können Sie sich damit anmelden.
connections-done-removed = Getrennt. Sie können sich damit nicht mehr anmelden.
connections-others = Dieses Konto bei { $provider } ist schon mit einem anderen Konto hier verbunden, oder Sie haben zu viele verbunden. Es wurde nichts geändert.
connections-last = { $provider } ist der einzige Weg, auf dem Sie sich hier anmelden. Richten Sie zuerst einen anderen ein, etwa einen Passkey oder ein Passwort.
