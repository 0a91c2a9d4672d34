# Se connecter avec une clé d’accès, et les clés d’accès d’un compte.

passkey-login-submit = Se connecter avec une clé d’accès
passkey-login-failed = Aucune clé d’accès n’a été utilisée. Réessayez, ou connectez-vous d’une autre façon.
passkey-login-problem = Cette clé d’accès ne permet pas de se connecter maintenant. Réessayez, ou connectez-vous d’une autre façon.
passkeys-intro = Une clé d’accès vous connecte par le verrouillage de votre propre appareil : empreinte, visage ou code. Elle ne peut pas être devinée, et aucun autre site ne peut l’utiliser.
passkeys-none = Vous n’avez pas encore de clé d’accès.
passkeys-unnamed = Clé d’accès du { $date }
passkeys-synced = à plusieurs endroits
passkeys-added = Ajoutée : { $time }.
passkeys-used = Dernière utilisation : { $time }.
passkeys-unused = Pas encore utilisée.
passkeys-change = Renommer ou supprimer
passkeys-name = Nom
passkeys-rename = Enregistrer le nom
passkeys-remove = Supprimer cette clé d’accès
passkeys-name-new = Nom d’une nouvelle clé d’accès
passkeys-name-hint = Facultatif. Il vous aide à la reconnaître, par exemple « Mon téléphone ».
passkeys-add = Ajouter une clé d’accès
passkeys-unsupported = Pour ajouter une clé d’accès, il faut un navigateur qui connaît les clés d’accès et exécute les scripts.
passkeys-failed = Aucune clé d’accès n’a été créée. Cet appareil en a peut-être déjà une pour ce compte. Réessayez, ou avec un autre appareil.
passkeys-not-added = La clé d’accès n’a pas pu être ajoutée. Réessayez.
passkeys-full = Vous avez autant de clés d’accès qu’un compte peut en avoir. Supprimez-en une avant d’en ajouter une autre.
passkeys-last = Sans cette clé d’accès, vous ne pourriez plus vous connecter. Ajoutez-en d’abord une autre, ou définissez un mot de passe.
passkeys-done-added = La clé d’accès a été ajoutée. Vous pouvez désormais vous connecter avec elle.
passkeys-done-renamed = La clé d’accès a son nouveau nom.
passkeys-done-removed = La clé d’accès a été supprimée et ne connecte plus personne. Votre appareil l’affiche peut-être encore : supprimez-la là aussi.
