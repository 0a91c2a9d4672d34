# Abmelden.

logout-title = Abmelden?
logout-user = Sie sind hier als { $user } angemeldet.
logout-client = { $client } bittet darum, Sie auch hier abzumelden. Es kann sein, dass auch andere Anwendungen, die Sie mit dieser Anmeldung geöffnet haben, Ihre Sitzung beenden.
logout-alone = Es kann sein, dass auch Anwendungen, die Sie mit dieser Anmeldung geöffnet haben, Ihre Sitzung beenden.
logout-onward = Danach geht Ihr Browser weiter zu { $place }.
logout-submit = Abmelden
logout-stay = Angemeldet bleiben
signed-in-title = Weiterhin angemeldet
signed-in-heading = Sie sind weiterhin angemeldet
signed-in-alone = Nichts wurde geändert. Sie können diese Seite schließen.
signed-in-client = Hier wurde nichts geändert; { $client } hat die eigene Anmeldung vielleicht beendet. Sie können diese Seite schließen.
signed-out-title = Abgemeldet
signed-out-heading = Sie sind abgemeldet
signed-out-alone = In diesem Browser ist hier niemand mehr angemeldet. Sie können diese Seite schließen.
signed-out-client = In diesem Browser ist hier niemand mehr angemeldet. Sie können zu { $client } zurückgehen oder diese Seite schließen.
signed-out-next = Eine Anwendung, die sich hier selbst registriert hat, möchte Ihren Browser weiterschicken zu { $place }. Niemand hier hat geprüft, wer dahintersteht. Gehen Sie nur weiter, wenn Sie sie wirklich benutzen wollten.
