# Se déconnecter.

logout-title = Se déconnecter ?
logout-user = Vous êtes connecté ici en tant que { $user }.
logout-client = { $client } demande à vous déconnecter ici aussi. D’autres applications que vous avez ouvertes avec cette connexion vous déconnecteront peut-être également.
logout-alone = Les applications que vous avez ouvertes avec cette connexion vous déconnecteront peut-être également.
logout-onward = Ensuite, votre navigateur continue vers { $place }.
logout-submit = Se déconnecter
logout-stay = Rester connecté
signed-in-title = Toujours connecté
signed-in-heading = Vous êtes toujours connecté
signed-in-alone = Rien n’a été modifié. Vous pouvez fermer cette page.
signed-in-client = Rien n’a été modifié ici ; { $client } a peut-être mis fin à sa propre connexion. Vous pouvez fermer cette page.
signed-out-title = Déconnecté
signed-out-heading = Vous êtes déconnecté
signed-out-alone = Plus personne n’est connecté ici dans ce navigateur. Vous pouvez fermer cette page.
signed-out-client = Plus personne n’est connecté ici dans ce navigateur. Vous pouvez revenir à { $client } ou fermer cette page.
signed-out-next = Une application qui s’est enregistrée elle-même ici voudrait envoyer votre navigateur vers { $place }. Personne ici n’a vérifié qui est derrière. Ne continuez que si vous vouliez vraiment l’utiliser.
