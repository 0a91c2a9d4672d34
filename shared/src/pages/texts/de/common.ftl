# Was mehrere Seiten sagen.

signed-in-as = Sie sind als { $user } angemeldet.
continue = Weiter
go-on = Weiter
allow = Erlauben
deny = Ablehnen
list-separator = { ", " }
place-computer = einem Programm auf diesem Computer
place-app = einer App auf diesem Gerät
client-asks = { $client } möchte:
client-identifier = Die Kennung der Anwendung hier ist { $id }.
client-identifier-of = Die Kennung von { $client } hier ist { $id }.
too-many-attempts =
    { $minutes ->
        [one] Zu viele Versuche. Bitte versuchen Sie es in einer Minute noch einmal.
       *[other] Zu viele Versuche. Bitte versuchen Sie es in { $minutes } Minuten noch einmal.
    }
answer-title = Weiter zu { $client }
answer-hint = Wenn nichts geschieht, drücken Sie bitte auf die Schaltfläche.
leaving-title = Diesen Server verlassen?
leaving-heading = Weiter zu { $place }?
leaving-why = Eine Anwendung hat Ihren Browser hierher geschickt, mit einer Anfrage, die endete, bevor sich jemand angemeldet hat. Sie möchte Ihren Browser weiterschicken.
leaving-who = Sie nennt sich { $client }. Sie hat sich selbst registriert, und niemand hier hat geprüft, wer dahintersteht. Gehen Sie nur weiter, wenn Sie sie wirklich benutzen wollten; schließen Sie sonst diese Seite.
site-help = Hilfe
site-privacy = Datenschutz
site-terms = Nutzungsbedingungen
