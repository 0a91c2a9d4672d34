# Anmelden mit Passkey, und die Passkeys eines Kontos.

passkey-login-submit = Mit Passkey anmelden
passkey-login-failed = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder melden Sie sich auf andere Weise an.
passkey-login-problem = Mit diesem Passkey ist die Anmeldung jetzt nicht möglich. Versuchen Sie es noch einmal, oder melden Sie sich auf andere Weise an.
passkeys-intro = Mit einem Passkey melden Sie sich über die Sperre Ihres eigenen Geräts an: Fingerabdruck, Gesicht oder PIN. Er lässt sich nicht erraten, und keine andere Website kann ihn verwenden.
passkeys-none = Sie haben noch keinen Passkey.
passkeys-unnamed = Passkey vom { $date }
passkeys-synced = an mehreren Orten
passkeys-added = Hinzugefügt: { $time }.
passkeys-used = Zuletzt verwendet: { $time }.
passkeys-unused = Noch nicht verwendet.
passkeys-change = Umbenennen oder entfernen
passkeys-name = Name
passkeys-rename = Namen speichern
passkeys-remove = Diesen Passkey entfernen
passkeys-name-new = Name eines neuen Passkeys
passkeys-name-hint = Freiwillig. Daran erkennen Sie ihn wieder, zum Beispiel „Mein Telefon“.
passkeys-add = Passkey hinzufügen
passkeys-unsupported = Um einen Passkey hinzuzufügen, brauchen Sie einen Browser, der Passkeys kennt und Skripte ausführt.
passkeys-failed = Es wurde kein Passkey erstellt. Vielleicht hat dieses Gerät schon einen für dieses Konto. Versuchen Sie es noch einmal oder mit einem anderen Gerät.
passkeys-not-added = Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal.
passkeys-full = Sie haben so viele Passkeys, wie ein Konto haben darf. Entfernen Sie einen, bevor Sie einen weiteren hinzufügen.
passkeys-last = Ohne diesen Passkey könnten Sie sich nicht mehr anmelden. Fügen Sie zuerst einen anderen hinzu, oder legen Sie ein Passwort fest.
passkeys-done-added = Der Passkey wurde hinzugefügt. Ab jetzt können Sie sich damit anmelden.
passkeys-done-renamed = Der Passkey hat seinen neuen Namen.
passkeys-done-removed = Der Passkey wurde entfernt und meldet niemanden mehr an. Ihr Gerät zeigt ihn vielleicht noch an: Löschen Sie ihn auch dort.
