# Worum eine Anwendung bittet, in Worten, und die Frage, ob sie es bekommt.

consent-title = { $client } erlauben?
consent-onward = Danach geht Ihr Browser weiter zu { $place }. Erlauben Sie dies nur, wenn Sie wissen, wer das ist.
consent-access = Zugriff auf { $scope }
consent-presence = wissen, dass Sie angemeldet sind
consent-targets = Nutzen darf die Anwendung dies bei { $resources }.
client-own = Sie gehört den Betreibern dieser Website.
client-known = Die Betreiber dieser Website haben sie registriert.
client-asks-more = { $client } möchte außerdem:
consent-before = Dies haben Sie schon erlaubt:
consent-lasting-days =
    { $days ->
        [one] Dieser Zugriff bleibt, bis Sie ihn widerrufen, höchstens { $days } Tag.
       *[other] Dieser Zugriff bleibt, bis Sie ihn widerrufen, höchstens { $days } Tage.
    }
consent-lasting-minutes =
    { $minutes ->
        [one] Dieser Zugriff gilt { $minutes } Minute.
       *[other] Dieser Zugriff gilt { $minutes } Minuten.
    }
consent-remembered = Sie werden nur wieder gefragt, wenn die Anwendung mehr möchte.
consent-each-time = Sie werden jedes Mal gefragt.
stranger-registered = Diese Anwendung hat sich selbst registriert. Niemand, der diesen Server betreibt, hat geprüft, wer dahintersteht; den Namen hat sie sich selbst gegeben.
stranger-described = Diese Anwendung wird von { $host } beschrieben. Niemand, der diesen Server betreibt, hat geprüft, wer dahintersteht; den Namen hat sie sich selbst gegeben.

scope-openid = wissen, wer Sie sind
scope-profile = Ihren Namen und Ihr Profil
scope-email = Ihre E-Mail-Adresse
scope-phone = Ihre Telefonnummer
scope-address = Ihre Postanschrift
scope-offline_access = verbunden bleiben, während Sie nicht da sind, bis der Zugriff widerrufen wird

claim-name = Ihren Namen
claim-given_name = Ihren Vornamen
claim-family_name = Ihren Nachnamen
claim-middle_name = Ihren zweiten Vornamen
claim-nickname = Ihren Spitznamen
claim-preferred_username = Ihren Benutzernamen
claim-profile = die Adresse Ihrer Profilseite
claim-picture = Ihr Bild
claim-website = Ihre Website
claim-gender = Ihr Geschlecht
claim-birthdate = Ihr Geburtsdatum
claim-zoneinfo = Ihre Zeitzone
claim-locale = Ihre Sprache
claim-updated_at = wann Ihr Profil zuletzt geändert wurde
claim-email = Ihre E-Mail-Adresse
claim-email_verified = ob Ihre E-Mail-Adresse geprüft wurde
claim-phone_number = Ihre Telefonnummer
claim-phone_number_verified = ob Ihre Telefonnummer geprüft wurde
claim-address = Ihre Postanschrift
