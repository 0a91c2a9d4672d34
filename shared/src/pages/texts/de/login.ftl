# Anmelden mit Passwort, und ein Konto wählen.

login-title = Anmelden
login-continue = um mit { $client } fortzufahren
login-device = um das Gerät zu verbinden, das { $code } anzeigt
login-username = Benutzername
login-password = Passwort
login-submit = Anmelden
login-or = oder
login-site = Bei { $host } anmelden
login-problem-credentials = Benutzername oder Passwort stimmt nicht. Bitte versuchen Sie es noch einmal.
login-problem-expired = Diese Seite war zu lange offen. Bitte melden Sie sich noch einmal an.
chooser-title = Konto wählen
chooser-continue = Weiter als { $user }
chooser-other = Anderes Konto verwenden
stronger-title = Eine stärkere Anmeldung ist nötig
stronger-why = { $client } verlangt mehr als Ihre aktuelle Anmeldung.
stronger-set-up = Sie können das jetzt einrichten und danach fortfahren.
stronger-again = Mit Passkey oder zweitem Faktor anmelden
stronger-passkey = Passkey erstellen
stronger-factor = Zweiten Faktor einrichten
stronger-leave = Ohne das zurück zu { $client }
login-stronger-passkey = { $client } bittet Sie, sich mit einem Passkey anzumelden.
login-stronger-factor = { $client } bittet um einen Passkey oder um einen zweiten Faktor neben Ihrem Passwort.
login-stronger-code = { $client } bittet um einen zweiten Faktor neben Ihrem Passwort.
onward-why = { $client } verlangt eine stärkere Anmeldung. Richten Sie sie hier ein, und fahren Sie dann fort.
onward-link = Weiter zu { $client }
