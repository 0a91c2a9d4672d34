# Terminar sessão.

logout-title = Terminar sessão?
logout-user = Tem aqui sessão iniciada como { $user }.
logout-client = { $client } pede para terminar a sua sessão também aqui. Outras aplicações que abriu com esta sessão podem terminar a delas.
logout-alone = As aplicações que abriu com esta sessão podem terminar também a delas.
logout-onward = Depois, o seu navegador continua para { $place }.
logout-submit = Terminar sessão
logout-stay = Manter a sessão
signed-in-title = Sessão ainda iniciada
signed-in-heading = A sua sessão continua iniciada
signed-in-alone = Nada foi alterado. Pode fechar esta página.
signed-in-client = Nada foi alterado aqui; { $client } pode ter terminado a sua própria sessão. Pode fechar esta página.
signed-out-title = Sessão terminada
signed-out-heading = A sua sessão terminou
signed-out-alone = Já ninguém tem sessão iniciada aqui neste navegador. Pode fechar esta página.
signed-out-client = Já ninguém tem sessão iniciada aqui neste navegador. Pode voltar a { $client } ou fechar esta página.
signed-out-next = Uma aplicação que se registou aqui a si própria quer enviar o seu navegador para { $place }. Ninguém aqui verificou quem está por trás. Continue apenas se queria mesmo usá-la.
