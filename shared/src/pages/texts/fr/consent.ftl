# Ce qu’une application demande, en toutes lettres, et la question de savoir si elle l’obtient.

consent-title = Autoriser { $client } ?
consent-onward = Ensuite, votre navigateur continue vers { $place }. N’autorisez ceci que si vous savez de qui il s’agit.
consent-access = accéder à { $scope }
consent-presence = savoir que vous êtes connecté
consent-targets = L’application peut s’en servir auprès de { $resources }.
client-own = Elle appartient aux responsables de ce site.
client-known = Les responsables de ce site l’ont enregistrée.
client-asks-more = { $client } demande en plus :
consent-before = Vous avez déjà autorisé :
consent-lasting-days =
    { $days ->
        [one] Elle garde cet accès jusqu’à ce que vous le retiriez, { $days } jour au plus.
       *[other] Elle garde cet accès jusqu’à ce que vous le retiriez, { $days } jours au plus.
    }
consent-lasting-minutes =
    { $minutes ->
        [one] Elle a cet accès pendant { $minutes } minute.
       *[other] Elle a cet accès pendant { $minutes } minutes.
    }
consent-remembered = La question ne vous sera reposée que si elle demande davantage.
consent-each-time = La question vous sera posée à chaque fois.
stranger-registered = Cette application s’est enregistrée elle-même. Aucun responsable de ce serveur n’a vérifié qui est derrière ; son nom est celui qu’elle se donne.
stranger-described = Cette application est décrite par { $host }. Aucun responsable de ce serveur n’a vérifié qui est derrière ; son nom est celui qu’elle se donne.

scope-openid = savoir qui vous êtes
scope-profile = votre nom et votre profil
scope-email = votre adresse e-mail
scope-phone = votre numéro de téléphone
scope-address = votre adresse postale
scope-offline_access = rester reliée en votre absence, jusqu’à ce que l’accès soit retiré

claim-name = votre nom
claim-given_name = votre prénom
claim-family_name = votre nom de famille
claim-middle_name = votre deuxième prénom
claim-nickname = votre surnom
claim-preferred_username = votre nom d’utilisateur
claim-profile = l’adresse de votre page de profil
claim-picture = votre image
claim-website = votre site web
claim-gender = votre genre
claim-birthdate = votre date de naissance
claim-zoneinfo = votre fuseau horaire
claim-locale = votre langue
claim-updated_at = la date de la dernière modification de votre profil
claim-email = votre adresse e-mail
claim-email_verified = si votre adresse e-mail a été vérifiée
claim-phone_number = votre numéro de téléphone
claim-phone_number_verified = si votre numéro de téléphone a été vérifié
claim-address = votre adresse postale
