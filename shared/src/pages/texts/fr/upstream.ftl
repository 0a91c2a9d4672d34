# Se connecter avec un compte d’un autre service.

upstream-continue = Continuer avec { $provider }
upstream-denied = { $provider } ne vous a pas connecté, ou vous y avez annulé. Vous pouvez réessayer.
upstream-failed = La connexion avec { $provider } n’a pas fonctionné. Réessayez ; si cela se reproduit, prévenez les responsables de ce site.
upstream-unavailable = { $provider } est injoignable pour le moment. Rien n’est perdu : patientez un instant, puis réessayez.
upstream-no-account = Aucun compte ici n’est relié à votre compte { $provider }. Connectez-vous d’abord d’une autre façon, puis reliez-le sur la page de votre compte.
upstream-address-known = Il existe peut-être déjà ici un compte avec votre adresse e-mail. Connectez-vous-y d’une autre façon, puis reliez { $provider } sur la page de votre compte.
connections-intro = Comptes d’autres services avec lesquels vous vous connectez ici. Pour en relier un, vous vous y connectez.
connections-none = Aucun compte d’un autre service n’est relié.
connections-since = Relié depuis le { $time }.
connections-remove = Délier
connections-add = Relier { $provider }
connections-done-added = Relié. Vous pouvez désormais vous connecter avec ce compte.
connections-done-removed = Délié. Vous ne pouvez plus vous connecter avec ce compte.
connections-others = Ce compte { $provider } est déjà relié à un autre compte ici, ou vous en avez relié trop. Rien n’a été modifié.
connections-last = { $provider } est votre seul moyen de vous connecter ici. Configurez-en d’abord un autre, comme une clé d’accès ou un mot de passe.
