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
