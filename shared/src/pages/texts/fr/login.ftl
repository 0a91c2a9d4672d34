# Se connecter avec un mot de passe, et choisir un compte.

login-title = Connexion
login-continue = pour continuer vers { $client }
login-device = pour relier l’appareil qui affiche { $code }
login-username = Nom d’utilisateur
login-password = Mot de passe
login-submit = Se connecter
login-or = ou
login-site = Se connecter sur { $host }
login-problem-credentials = Le nom d’utilisateur ou le mot de passe n’est pas correct. Veuillez réessayer.
login-problem-expired = Cette page est restée ouverte trop longtemps. Veuillez vous connecter à nouveau.
chooser-title = Choisir un compte
chooser-continue = Continuer en tant que { $user }
chooser-other = Utiliser un autre compte
stronger-title = Une connexion plus sûre est nécessaire
stronger-why = { $client } demande plus que votre connexion actuelle.
stronger-set-up = Vous pouvez la configurer maintenant, puis continuer.
stronger-again = Se connecter avec la clé d’accès ou le second facteur
stronger-passkey = Créer une clé d’accès
stronger-factor = Configurer un second facteur
stronger-leave = Revenir à { $client } sans cela
login-stronger-passkey = { $client } vous demande de vous connecter avec une clé d’accès.
login-stronger-factor = { $client } demande une clé d’accès, ou un second facteur en plus du mot de passe.
login-stronger-code = { $client } demande un second facteur en plus du mot de passe.
onward-why = { $client } demande une connexion plus sûre. Configurez-la ici, puis continuez.
onward-link = Continuer vers { $client }
