# O que várias páginas dizem.

signed-in-as = Tem sessão iniciada como { $user }.
continue = Continuar
go-on = Continuar
allow = Permitir
deny = Recusar
list-separator = { ", " }
place-computer = um programa neste computador
place-app = uma aplicação neste dispositivo
client-asks = { $client } pede:
client-identifier = O identificador da aplicação aqui é { $id }.
client-identifier-of = O identificador de { $client } aqui é { $id }.
too-many-attempts =
    { $minutes ->
        [one] Demasiadas tentativas. Tente novamente dentro de um minuto.
       *[other] Demasiadas tentativas. Tente novamente dentro de { $minutes } minutos.
    }
answer-title = De volta a { $client }
answer-hint = Se nada acontecer, prima o botão.
leaving-title = Sair deste servidor?
leaving-heading = Continuar para { $place }?
leaving-why = Uma aplicação enviou o seu navegador para aqui, com um pedido que terminou antes de alguém iniciar sessão. Ela quer enviar o seu navegador para outro lugar.
leaving-who = Diz chamar-se { $client }. Registou-se a si própria, e ninguém aqui verificou quem está por trás. Continue apenas se queria mesmo usá-la; caso contrário, feche esta página.
site-help = Ajuda
site-privacy = Privacidade
site-terms = Termos de utilização
