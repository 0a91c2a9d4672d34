# Se connecter avec un compte d’ailleurs.

upstream-continue = Continuer avec { $provider }
upstream-denied = { $provider } ne vous a pas connecté, ou vous y avez annulé. Vous pouvez réessayer.
upstream-failed = La connexion avec { $provider } n’a pas fonctionné. Réessayez ; si cela se reproduit, prévenez les responsables de ce site.
upstream-unavailable = { $provider } est injoignable pour le moment. Rien n’est perdu : patientez un instant, puis réessayez.
upstream-no-account = Aucun compte ici n’est relié à votre compte { $provider }. Connectez-vous d’abord d’une autre façon, puis reliez-le sur la page de votre compte.
upstream-address-known = Il existe peut-être déjà ici un compte avec votre adresse e-mail. Connectez-vous-y d’une autre façon, puis reliez { $provider } sur la page de votre compte.
