# Appareils sans navigateur (RFC 8628).

device-title = Relier un appareil
device-about = Saisissez le code que l’appareil affiche.
device-code = Code
device-problem-code = Aucun appareil n’attend sous ce code. Comparez-le avec l’appareil ; s’il est exact, recommencez sur l’appareil.
device-problem-expired = Cette page est restée ouverte trop longtemps. Veuillez envoyer le code à nouveau.
device-question = Relier un appareil à { $client } ?
device-warning = Ne continuez que si vous avez commencé ceci vous-même, sur un appareil que vous avez devant vous et qui affiche le code { $code }. Si quelqu’un vous a envoyé ce code ou un lien vers cette page, refusez : cette personne agirait en votre nom.
device-connected = L’appareil est relié
device-connected-next = { $client } y continue dans quelques secondes. Vous pouvez fermer cette page.
device-denied = L’appareil n’est pas relié
device-denied-next = { $client } n’a rien obtenu. Vous pouvez fermer cette page.
