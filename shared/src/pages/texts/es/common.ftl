# Lo que dicen varias páginas.

signed-in-as = Ha iniciado sesión como { $user }.
continue = Continuar
go-on = Continuar
allow = Permitir
deny = Denegar
list-separator = { ", " }
place-computer = un programa en este ordenador
place-app = una aplicación en este dispositivo
client-asks = { $client } solicita:
client-identifier = El identificador de la aplicación aquí es { $id }.
client-identifier-of = El identificador de { $client } aquí es { $id }.
too-many-attempts =
    { $minutes ->
        [one] Demasiados intentos. Vuelva a intentarlo dentro de un minuto.
       *[other] Demasiados intentos. Vuelva a intentarlo dentro de { $minutes } minutos.
    }
answer-title = Volviendo a { $client }
answer-hint = Si no ocurre nada, pulse el botón.
leaving-title = ¿Salir de este servidor?
leaving-heading = ¿Continuar hacia { $place }?
leaving-why = Una aplicación envió su navegador aquí con una solicitud que terminó antes de que nadie iniciara sesión. Quiere enviar su navegador a otro lugar.
leaving-who = Dice llamarse { $client }. Se registró por sí misma y nadie aquí ha comprobado quién está detrás. Continúe solo si realmente quería usarla; si no, cierre esta página.
site-help = Ayuda
site-privacy = Privacidad
site-terms = Condiciones de uso
