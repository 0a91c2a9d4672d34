# Passwörter, zweite Faktoren und Adressen, und die Mails dazu.

login-forgot = Passwort vergessen?
login-sign-up = Konto anlegen
factor-title = Noch ein Schritt
factor-hint = Das Passwort stimmt. Geben Sie jetzt den Code ein, den Ihre App zeigt, oder einen Ihrer Wiederherstellungscodes.
factor-hint-elsewhere = Sie haben sich bei einem anderen Dienst angemeldet. Geben Sie jetzt den Code ein, den Ihre App zeigt, oder einen Ihrer Wiederherstellungscodes.
factor-code = Code
factor-other = Von vorn beginnen
factor-wrong = Dieser Code stimmt nicht oder wurde schon verwendet. Warten Sie auf den nächsten und versuchen Sie es noch einmal.
factor-too-many =
    { $minutes ->
        [one] Zu viele Codes. Versuchen Sie es in einer Minute wieder, oder nehmen Sie einen Wiederherstellungscode.
       *[other] Zu viele Codes. Versuchen Sie es in { $minutes } Minuten wieder, oder nehmen Sie einen Wiederherstellungscode.
    }
sign-up-title = Konto anlegen
sign-up-hint = Wir schicken Ihnen einen Link, mit dem Sie zeigen, dass die Adresse Ihnen gehört. Danach wählen Sie ein Passwort.
sign-up-hint-passkey = Wir schicken Ihnen einen Link, mit dem Sie zeigen, dass die Adresse Ihnen gehört. Danach erstellen Sie einen Passkey oder wählen ein Passwort.
sign-up-passkey = Konto mit Passkey anlegen
sign-up-passkey-failed = Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal, oder wählen Sie ein Passwort.
sign-up-has-account = Ich habe ein Konto
address-label = E-Mail-Adresse
address-bad = An diese E-Mail-Adresse kann keine Mail geschickt werden. Sehen Sie noch einmal nach.
address-other-domain = Mit einer Adresse dieser Domain kann hier niemand ein Konto anlegen.
send-link = Link zuschicken
forgot-title = Passwort vergessen?
forgot-hint = Wir schicken einen Link an die Adresse Ihres Kontos. Damit wählen Sie ein neues Passwort.
forgot-name = Benutzername oder E-Mail-Adresse
forgot-no-name = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
forgot-back = Zurück zur Anmeldung
sent-title = Sehen Sie in Ihr Postfach
sent-why = Wenn eine Mail geschickt werden kann, ist sie unterwegs. Folgen Sie dem Link darin.
sent-nothing = Nach ein paar Minuten ist nichts da? Sehen Sie im Spam-Ordner nach und prüfen Sie, ob Ihre Eingabe richtig war. Ein Konto ohne bestätigte E-Mail-Adresse bekommt keine Mail; die Betreiber dieser Website können helfen.
choose-title = Neues Passwort wählen
choose-new-title = Passwort wählen
choose-for = für { $account }
choose-ends = Sie werden überall abgemeldet.
choose-submit = Passwort speichern
choose-new-submit = Konto anlegen
password-new = Neues Passwort
password-current = Aktuelles Passwort
password-rules = Mindestens 8 Zeichen. Ein paar Wörter, die sonst niemand zusammenstellen würde, sind besser als Tricks mit Ziffern und Zeichen. Noch besser ist ein Passwortmanager.
password-too-short = Dieses Passwort ist zu kurz. Nehmen Sie mindestens { $least } Zeichen.
password-too-long = Dieses Passwort ist zu lang.
password-weak-keyboard = Tasten, die nebeneinander liegen, sind leicht zu erraten.
password-weak-repeats = Immer wieder dasselbe ist leicht zu erraten.
password-weak-sequence = Folgen wie abc oder 6543 sind leicht zu erraten.
password-weak-common = Dieses Passwort, oder eines fast wie dieses, haben viele.
password-weak-date = Daten und Jahreszahlen sind leicht zu erraten.
password-weak-word = Ein einzelnes Wort oder ein Name ist leicht zu erraten.
password-weak-other = Dieses Passwort ist leicht zu erraten. Vielleicht steckt zu viel von Ihrem Namen oder Ihrer Adresse darin.
password-weak-advice = Fügen Sie ein oder zwei Wörter hinzu, die nicht zusammengehören.
password-wrong = Das aktuelle Passwort stimmt nicht. Versuchen Sie es noch einmal.
password-ends = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
password-elsewhere = Sie melden sich anderswo an und haben hier kein Passwort.
verify-done = Ihr Konto ist bereit
verify-email-done = Ihre E-Mail-Adresse ist geändert
verify-done-why = Gehen Sie zurück zur Anwendung und melden Sie sich an, oder sehen Sie sich Ihr Konto hier an.
reset-done = Ihr Passwort ist geändert
reset-done-why = Sie sind überall abgemeldet. Gehen Sie zurück zur Anwendung und melden Sie sich mit dem neuen Passwort an. Wenn jemand das alte gekannt haben könnte, sehen Sie sich auch Ihr Konto an.
finished-account = Mein Konto ansehen
confirm-email-title = Neue Adresse bestätigen
confirm-email = Von jetzt an ist { $email } die Adresse Ihres Kontos.
confirm-email-submit = Bestätigen
error-link = Dieser Link gilt nicht mehr
error-link-why = Er wurde schon verwendet, ist abgelaufen, oder am Konto hat sich seither etwas geändert.
error-advice-link = Lassen Sie sich bei der Anmeldung einen neuen schicken.
email-present = Die Adresse Ihres Kontos ist { $email }.
email-hint = Wir schicken einen Link an die neue Adresse. Die Änderung gilt, sobald Sie ihm gefolgt sind; die alte Adresse erfährt davon.
email-new = Neue E-Mail-Adresse
email-elsewhere = Ihre Adresse kommt von dort, wo Sie sich anmelden. Ändern Sie sie dort.
factors-hint = Mit einem zweiten Faktor genügt Ihr Passwort allein nicht: Es wird zusätzlich ein Code von Ihrem Telefon verlangt.
factors-on = Der zweite Faktor ist eingeschaltet.
factors-off = Der zweite Faktor ist ausgeschaltet.
factors-begin = App einrichten
factors-no-password = Ein zweiter Faktor steht neben einem Passwort. Sie haben hier keines.
factors-left =
    { $left ->
        [0] Kein Wiederherstellungscode ist übrig.
        [one] Ein Wiederherstellungscode ist übrig.
       *[other] { $left } Wiederherstellungscodes sind übrig.
    }
factors-few = Erstellen Sie neue Wiederherstellungscodes, bevor Sie sie brauchen.
factors-renew = Neue Wiederherstellungscodes erstellen
factors-remove = Zweiten Faktor ausschalten
enrol-scan = Lesen Sie das mit einer Authenticator-App auf Ihrem Telefon ein.
enrol-picture = QR-Code für Ihre Authenticator-App
enrol-open = Oder in einer App auf diesem Gerät öffnen
enrol-type = Oder geben Sie diesen Schlüssel in die App ein:
enrol-code = Der Code, den die App jetzt zeigt
enrol-submit = Einschalten
enrol-cancel = Abbrechen
codes-title = Ihre Wiederherstellungscodes
codes-why = Jeder davon meldet Sie einmal an, anstelle eines Codes Ihrer App. Bewahren Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden.
codes-once = Sie werden nur dieses eine Mal gezeigt. Ältere gelten nicht mehr.
codes-kept = Ich habe sie aufbewahrt
mail-ignore = Wenn Sie das nicht wollten, müssen Sie nichts tun.
mail-sign-up-subject = Ihr Konto bei { $site }
mail-sign-up = Jemand möchte mit dieser E-Mail-Adresse ein Konto bei { $site } anlegen. Wenn Sie das waren, folgen Sie diesem Link innerhalb einer Stunde, um fortzufahren.
mail-sign-up-link = Konto anlegen
mail-there-subject = Ihr Konto bei { $site }
mail-there = Jemand wollte diese E-Mail-Adresse für ein Konto bei { $site } verwenden. Mit ihr gibt es schon ein Konto.
mail-there-forgot = Wenn Sie das waren, melden Sie sich damit an. Falls Sie das Passwort vergessen haben, können Sie auf der Anmeldeseite ein neues wählen.
mail-there-link = Anmelden
mail-not-there-subject = Kein Konto bei { $site }
mail-not-there = Jemand hat für diese E-Mail-Adresse ein neues Passwort bei { $site } verlangt. Mit ihr gibt es kein Konto. Wenn Sie das waren, haben Sie Ihr Konto vielleicht mit einer anderen Adresse angelegt.
mail-reset-subject = Ein neues Passwort bei { $site }
mail-reset = Jemand hat das Passwort Ihres Kontos bei { $site } vergessen. Wenn Sie das waren, folgen Sie diesem Link innerhalb einer halben Stunde und wählen Sie ein neues.
mail-reset-link = Neues Passwort wählen
mail-email-subject = Ihre neue Adresse bei { $site }
mail-email = Jemand möchte diese Adresse zur Adresse des eigenen Kontos bei { $site } machen. Wenn Sie das waren, folgen Sie diesem Link innerhalb einer Stunde.
mail-email-link = Adresse bestätigen
mail-news-subject = Ihr Konto bei { $site } wurde geändert
mail-news-link = Konto ansehen
mail-news-alarm = Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto. Wählen Sie sofort ein neues Passwort und sehen Sie nach, was sonst geändert wurde.
mail-password-changed = Das Passwort Ihres Kontos bei { $site } wurde geändert.
mail-factor-added = Der zweite Faktor Ihres Kontos bei { $site } wurde eingeschaltet.
mail-factor-removed = Der zweite Faktor Ihres Kontos bei { $site } wurde ausgeschaltet.
mail-recovery-renewed = Für Ihr Konto bei { $site } wurden neue Wiederherstellungscodes erstellt.
mail-recovery-used =
    { $left ->
        [0] Jemand hat sich mit dem letzten Ihrer Wiederherstellungscodes angemeldet. Erstellen Sie neue.
        [one] Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet. Einer ist übrig.
       *[other] Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet. { $left } sind übrig.
    }
mail-email-changed = Die E-Mail-Adresse Ihres Kontos bei { $site } wurde geändert. Mail dazu geht von jetzt an an die neue Adresse.
account-email = E-Mail-Adresse
account-email-words = Wohin Links und Nachrichten zu Ihrem Konto gehen.
account-done-password = Ihr Passwort ist geändert, und Sie sind überall sonst abgemeldet.
account-done-factor = Der zweite Faktor ist ausgeschaltet.
account-done-email = Wenn dorthin eine Mail geschickt werden kann, ist ein Link unterwegs. Die Adresse gilt, sobald Sie ihm gefolgt sind.
