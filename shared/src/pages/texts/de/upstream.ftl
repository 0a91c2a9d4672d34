# Anmelden mit einem Konto anderswo.

upstream-continue = Weiter mit { $provider }
upstream-denied = { $provider } hat Sie nicht angemeldet, oder Sie haben dort abgebrochen. Sie können es noch einmal versuchen.
upstream-failed = Die Anmeldung mit { $provider } hat nicht geklappt. Versuchen Sie es noch einmal; wenn es wieder geschieht, sagen Sie es den Betreibern dieser Website.
upstream-unavailable = { $provider } ist gerade nicht erreichbar. Es ist nichts verloren: Warten Sie einen Moment und versuchen Sie es dann noch einmal.
upstream-no-account = Kein Konto hier ist mit Ihrem Konto bei { $provider } verbunden. Melden Sie sich zuerst auf einem anderen Weg an und verbinden Sie es dann auf Ihrer Kontoseite.
upstream-address-known = Möglicherweise gibt es hier schon ein Konto mit Ihrer E-Mail-Adresse. Melden Sie sich dort auf einem anderen Weg an und verbinden Sie { $provider } dann auf Ihrer Kontoseite.
