# Ce que disent plusieurs pages.

signed-in-as = Vous êtes connecté en tant que { $user }.
continue = Continuer
go-on = Continuer
allow = Autoriser
deny = Refuser
list-separator = { ", " }
place-computer = un programme sur cet ordinateur
place-app = une application sur cet appareil
client-asks = { $client } demande :
client-identifier = L’identifiant de l’application ici est { $id }.
client-identifier-of = L’identifiant de { $client } ici est { $id }.
too-many-attempts =
    { $minutes ->
        [one] Trop de tentatives. Veuillez réessayer dans une minute.
       *[other] Trop de tentatives. Veuillez réessayer dans { $minutes } minutes.
    }
answer-title = Retour vers { $client }
answer-hint = Si rien ne se passe, appuyez sur le bouton.
leaving-title = Quitter ce serveur ?
leaving-heading = Continuer vers { $place } ?
leaving-why = Une application a envoyé votre navigateur ici, avec une demande qui a pris fin avant que quelqu’un se connecte. Elle voudrait envoyer votre navigateur plus loin.
leaving-who = Elle se nomme { $client }. Elle s’est enregistrée elle-même, et personne ici n’a vérifié qui est derrière. Ne continuez que si vous vouliez vraiment l’utiliser ; sinon, fermez cette page.
site-help = Aide
site-privacy = Confidentialité
site-terms = Conditions d’utilisation
