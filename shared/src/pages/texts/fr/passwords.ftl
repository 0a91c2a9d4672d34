# Mots de passe, seconds facteurs et adresses, et les e-mails à leur sujet.

login-forgot = Mot de passe oublié ?
login-sign-up = Créer un compte
factor-title = Encore une étape
factor-hint = Votre mot de passe est correct. Saisissez maintenant le code affiché par votre application, ou l’un de vos codes de secours.
factor-hint-elsewhere = La connexion par l’autre service a réussi. Saisissez maintenant le code affiché par votre application, ou l’un de vos codes de secours.
factor-code = Code
factor-other = Recommencer
factor-wrong = Ce code n’est pas correct ou a déjà servi. Attendez le suivant et réessayez.
factor-too-many =
    { $minutes ->
        [one] Trop de codes. Réessayez dans { $minutes } minute, ou utilisez un code de secours.
       *[other] Trop de codes. Réessayez dans { $minutes } minutes, ou utilisez un code de secours.
    }
sign-up-title = Créer un compte
sign-up-hint = Nous vous envoyons un lien par lequel vous montrez que l’adresse est la vôtre. Vous choisissez ensuite un mot de passe.
sign-up-hint-passkey = Nous vous envoyons un lien par lequel vous montrez que l’adresse est la vôtre. Ensuite, vous créez une clé d’accès ou choisissez un mot de passe.
sign-up-passkey = Créer le compte avec une clé d’accès
sign-up-passkey-failed = Aucune clé d’accès n’a été créée. Réessayez, ou choisissez un mot de passe.
sign-up-has-account = J’ai un compte
address-label = Adresse e-mail
address-bad = Aucun e-mail ne peut être envoyé à cette adresse. Vérifiez-la.
address-other-domain = Personne ne peut créer ici de compte avec une adresse de ce domaine.
send-link = Envoyez-moi un lien
forgot-title = Mot de passe oublié ?
forgot-hint = Nous envoyons un lien à l’adresse de votre compte. Il vous permet de choisir un nouveau mot de passe.
forgot-name = Nom d’utilisateur ou adresse e-mail
forgot-no-name = Saisissez votre nom d’utilisateur ou votre adresse e-mail.
forgot-back = Retour à la connexion
sent-title = Consultez vos e-mails
sent-why = Si un e-mail peut être envoyé, il est en route. Suivez le lien qu’il contient.
sent-nothing = Toujours rien après quelques minutes ? Regardez parmi les indésirables et vérifiez votre saisie. Un compte sans adresse e-mail confirmée ne reçoit pas d’e-mail ; les responsables de ce site peuvent vous aider.
choose-title = Choisir un nouveau mot de passe
choose-new-title = Choisir un mot de passe
choose-for = pour { $account }
choose-ends = Vous serez déconnecté partout.
choose-submit = Enregistrer le mot de passe
choose-new-submit = Créer le compte
password-new = Nouveau mot de passe
password-current = Mot de passe actuel
password-rules = Au moins 8 caractères. Quelques mots que personne d’autre n’assemblerait valent mieux que des chiffres et des symboles. Un gestionnaire de mots de passe vaut mieux encore.
password-too-short = Ce mot de passe est trop court. Donnez au moins { $least } caractères.
password-too-long = Ce mot de passe est trop long.
password-weak-keyboard = Des touches voisines sont faciles à deviner.
password-weak-repeats = Ce qui se répète est facile à deviner.
password-weak-sequence = Les suites comme abc ou 6543 sont faciles à deviner.
password-weak-common = Beaucoup de gens ont ce mot de passe, ou un autre tout proche.
password-weak-date = Les dates et les années sont faciles à deviner.
password-weak-word = Un seul mot ou un nom est facile à deviner.
password-weak-other = Ce mot de passe est facile à deviner. Il contient peut-être trop de votre nom ou de votre adresse.
password-weak-advice = Ajoutez un ou deux mots sans rapport entre eux.
password-wrong = Le mot de passe actuel n’est pas correct. Réessayez.
password-ends = Vous restez connecté ici, et serez déconnecté partout ailleurs.
password-elsewhere = Vous vous connectez ailleurs et n’avez pas de mot de passe ici.
verify-done = Votre compte est prêt
verify-email-done = Votre adresse e-mail est modifiée
verify-done-why = Retournez à l’application et connectez-vous, ou consultez votre compte ici.
reset-done = Votre mot de passe est modifié
reset-done-why = Vous êtes déconnecté partout. Retournez à l’application et connectez-vous avec le nouveau mot de passe. Si quelqu’un a pu connaître l’ancien, consultez aussi votre compte.
finished-account = Voir mon compte
confirm-email-title = Confirmez votre nouvelle adresse
confirm-email = Désormais, { $email } sera l’adresse de votre compte.
confirm-email-submit = Confirmer
error-link = Ce lien n’est plus utilisable
error-link-why = Il a déjà servi, a attendu trop longtemps, ou le compte a changé depuis.
error-advice-link = Demandez-en un nouveau depuis la page de connexion.
email-present = L’adresse de votre compte est { $email }.
email-hint = Nous envoyons un lien à la nouvelle adresse. Le changement prend effet dès que vous l’avez suivi ; l’ancienne adresse en est informée.
email-new = Nouvelle adresse e-mail
email-elsewhere = Votre adresse vient de l’endroit où vous vous connectez. Modifiez-la là-bas.
factors-hint = Avec un second facteur, votre mot de passe seul n’ouvre rien : un code de votre téléphone est demandé en plus.
factors-on = Le second facteur est activé.
factors-off = Le second facteur est désactivé.
factors-begin = Configurer une application
factors-no-password = Un second facteur complète un mot de passe. Vous n’en avez pas ici.
factors-left =
    { $left ->
        [0] Il ne reste aucun code de secours.
        [one] Il reste { $left } code de secours.
       *[other] Il reste { $left } codes de secours.
    }
factors-few = Créez de nouveaux codes de secours avant d’en avoir besoin.
factors-renew = Créer de nouveaux codes de secours
factors-remove = Désactiver le second facteur
enrol-scan = Scannez ceci avec une application d’authentification sur votre téléphone.
enrol-picture = Code QR pour votre application d’authentification
enrol-open = Ou ouvrez-le dans une application de cet appareil
enrol-type = Ou saisissez cette clé dans l’application :
enrol-code = Le code que l’application affiche maintenant
enrol-submit = Activer
enrol-cancel = Annuler
codes-title = Vos codes de secours
codes-why = Chacun vous connecte une fois, à la place d’un code de votre application. Gardez-les là où vous les trouverez sans votre téléphone.
codes-once = Ils ne sont affichés que cette fois. Les anciens ne sont plus valables.
codes-kept = Je les ai gardés
mail-ignore = Si vous n’avez rien demandé, vous n’avez rien à faire.
mail-sign-up-subject = Votre compte chez { $site }
mail-sign-up = Quelqu’un veut créer un compte chez { $site } avec cette adresse e-mail. Si c’était vous, suivez ce lien dans l’heure pour continuer.
mail-sign-up-link = Créer le compte
mail-there-subject = Votre compte chez { $site }
mail-there = Quelqu’un a voulu utiliser cette adresse e-mail pour un compte chez { $site }. Il existe déjà un compte avec elle.
mail-there-forgot = Si c’était vous, connectez-vous avec. Si vous avez oublié le mot de passe, la page de connexion permet d’en choisir un nouveau.
mail-there-link = Se connecter
mail-not-there-subject = Pas de compte chez { $site }
mail-not-there = Quelqu’un a demandé un nouveau mot de passe chez { $site } pour cette adresse e-mail. Il n’existe aucun compte avec elle. Si c’était vous, vous vous êtes peut-être inscrit avec une autre adresse.
mail-reset-subject = Un nouveau mot de passe chez { $site }
mail-reset = Quelqu’un a oublié le mot de passe de votre compte chez { $site }. Si c’était vous, suivez ce lien dans la demi-heure et choisissez-en un nouveau.
mail-reset-link = Choisir un nouveau mot de passe
mail-email-subject = Votre nouvelle adresse chez { $site }
mail-email = Quelqu’un veut faire de cette adresse celle de son compte chez { $site }. Si c’était vous, suivez ce lien dans l’heure.
mail-email-link = Confirmer l’adresse
mail-news-subject = Votre compte chez { $site } a été modifié
mail-news-link = Voir votre compte
mail-news-alarm = Si ce n’était pas vous, quelqu’un d’autre est peut-être dans votre compte. Choisissez tout de suite un nouveau mot de passe et regardez ce qui a changé d’autre.
mail-password-changed = Le mot de passe de votre compte chez { $site } a été modifié.
mail-factor-added = Le second facteur de votre compte chez { $site } a été activé.
mail-factor-removed = Le second facteur de votre compte chez { $site } a été désactivé.
mail-recovery-renewed = De nouveaux codes de secours ont été créés pour votre compte chez { $site }.
mail-recovery-used =
    { $left ->
        [0] Quelqu’un s’est connecté avec le dernier de vos codes de secours. Créez-en de nouveaux.
        [one] Quelqu’un s’est connecté avec l’un de vos codes de secours. Il en reste { $left }.
       *[other] Quelqu’un s’est connecté avec l’un de vos codes de secours. Il en reste { $left }.
    }
mail-email-changed = L’adresse e-mail de votre compte chez { $site } a été modifiée. Les e-mails à son sujet vont désormais à la nouvelle adresse.
account-email = Adresse e-mail
account-email-words = Où sont envoyés les liens et les avis sur votre compte.
account-done-password = Votre mot de passe est modifié, et vous êtes déconnecté partout ailleurs.
account-done-factor = Le second facteur est désactivé.
account-done-email = Si un e-mail peut y être envoyé, un lien est en route. L’adresse prendra effet dès que vous l’aurez suivi.
