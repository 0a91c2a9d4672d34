# Lo que pide una aplicación, en palabras, y la pregunta de si lo obtiene.

consent-title = ¿Permitir a { $client }?
consent-onward = Después, su navegador continúa hacia { $place }. Permita esto solo si sabe de quién se trata.
consent-access = acceso a { $scope }
consent-presence = saber que ha iniciado sesión
consent-targets = La aplicación puede usarlo en { $resources }.
client-own = Pertenece a los responsables de este sitio.
client-known = La registraron los responsables de este sitio.
client-asks-more = { $client } solicita además:
consent-before = Ya permitió antes:
consent-lasting-days =
    { $days ->
        [one] Conserva este acceso hasta que usted lo retire, { $days } día como máximo.
       *[other] Conserva este acceso hasta que usted lo retire, { $days } días como máximo.
    }
consent-lasting-minutes =
    { $minutes ->
        [one] Tiene este acceso durante { $minutes } minuto.
       *[other] Tiene este acceso durante { $minutes } minutos.
    }
consent-remembered = Solo se le volverá a preguntar si pide más.
consent-each-time = Se le preguntará cada vez.
stranger-registered = Esta aplicación se registró por sí misma. Ningún responsable de este servidor ha comprobado quién está detrás; el nombre es el que ella misma se da.
stranger-described = Esta aplicación está descrita por { $host }. Ningún responsable de este servidor ha comprobado quién está detrás; el nombre es el que ella misma se da.

scope-openid = saber quién es usted
scope-profile = su nombre y su perfil
scope-email = su dirección de correo electrónico
scope-phone = su número de teléfono
scope-address = su dirección postal
scope-offline_access = seguir conectada en su ausencia, hasta que se retire el acceso

claim-name = su nombre
claim-given_name = su nombre de pila
claim-family_name = sus apellidos
claim-middle_name = su segundo nombre
claim-nickname = su apodo
claim-preferred_username = su nombre de usuario
claim-profile = la dirección de su página de perfil
claim-picture = su imagen
claim-website = su sitio web
claim-gender = su género
claim-birthdate = su fecha de nacimiento
claim-zoneinfo = su zona horaria
claim-locale = su idioma
claim-updated_at = cuándo se modificó su perfil por última vez
claim-email = su dirección de correo electrónico
claim-email_verified = si se ha comprobado su dirección de correo electrónico
claim-phone_number = su número de teléfono
claim-phone_number_verified = si se ha comprobado su número de teléfono
claim-address = su dirección postal
