# O que uma aplicação pede, por palavras, e a pergunta se o recebe.

consent-title = Permitir { $client }?
consent-onward = Depois, o seu navegador continua para { $place }. Permita isto apenas se souber de quem se trata.
consent-access = acesso a { $scope }
consent-presence = saber que tem sessão iniciada
consent-targets = A aplicação pode usar isto em { $resources }.
client-own = Pertence aos responsáveis por este site.
client-known = Foi registada pelos responsáveis por este site.
client-asks-more = { $client } pede também:
consent-before = Já permitiu antes:
consent-lasting-days =
    { $days ->
        [one] Mantém este acesso até que o retire, no máximo { $days } dia.
       *[other] Mantém este acesso até que o retire, no máximo { $days } dias.
    }
consent-lasting-minutes =
    { $minutes ->
        [one] Tem este acesso durante { $minutes } minuto.
       *[other] Tem este acesso durante { $minutes } minutos.
    }
consent-remembered = Só lhe será perguntado de novo se pedir mais.
consent-each-time = Ser-lhe-á perguntado de cada vez.
stranger-registered = Esta aplicação registou-se a si própria. Nenhum responsável por este servidor verificou quem está por trás; o nome é o que ela dá a si mesma.
stranger-described = Esta aplicação é descrita por { $host }. Nenhum responsável por este servidor verificou quem está por trás; o nome é o que ela dá a si mesma.

scope-openid = saber quem é
scope-profile = o seu nome e o seu perfil
scope-email = o seu endereço de e-mail
scope-phone = o seu número de telefone
scope-address = a sua morada
scope-offline_access = continuar ligada na sua ausência, até o acesso ser retirado

claim-name = o seu nome
claim-given_name = o seu nome próprio
claim-family_name = o seu apelido
claim-middle_name = o seu nome do meio
claim-nickname = a sua alcunha
claim-preferred_username = o seu nome de utilizador
claim-profile = o endereço da sua página de perfil
claim-picture = a sua imagem
claim-website = o seu site
claim-gender = o seu género
claim-birthdate = a sua data de nascimento
claim-zoneinfo = o seu fuso horário
claim-locale = o seu idioma
claim-updated_at = quando o seu perfil foi alterado pela última vez
claim-email = o seu endereço de e-mail
claim-email_verified = se o seu endereço de e-mail foi verificado
claim-phone_number = o seu número de telefone
claim-phone_number_verified = se o seu número de telefone foi verificado
claim-address = a sua morada
