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
