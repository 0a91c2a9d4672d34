# Geräte ohne Browser (RFC 8628).

device-title = Gerät verbinden
device-about = Geben Sie den Code ein, den das Gerät anzeigt.
device-code = Code
device-problem-code = Unter diesem Code wartet kein Gerät. Vergleichen Sie ihn mit dem Gerät; wenn er stimmt, beginnen Sie dort von vorn.
device-problem-expired = Diese Seite war zu lange offen. Bitte senden Sie den Code noch einmal.
device-question = Ein Gerät mit { $client } verbinden?
device-warning = Fahren Sie nur fort, wenn Sie dies selbst begonnen haben, an einem Gerät, das Sie vor sich haben und das den Code { $code } anzeigt. Wenn Ihnen jemand diesen Code oder einen Link auf diese Seite geschickt hat, lehnen Sie ab: Er würde in Ihrem Namen handeln.
device-connected = Das Gerät ist verbunden
device-connected-next = { $client } macht dort in wenigen Sekunden weiter. Sie können diese Seite schließen.
device-denied = Das Gerät ist nicht verbunden
device-denied-next = { $client } hat nichts bekommen. Sie können diese Seite schließen.
