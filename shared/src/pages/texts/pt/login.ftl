# Iniciar sessão com palavra-passe e escolher uma conta.

login-title = Iniciar sessão
login-continue = para continuar em { $client }
login-device = para ligar o dispositivo que mostra { $code }
login-username = Nome de utilizador
login-password = Palavra-passe
login-submit = Iniciar sessão
login-or = ou
login-site = Iniciar sessão em { $host }
login-problem-credentials = O nome de utilizador ou a palavra-passe não está correto. Tente novamente.
login-problem-expired = Esta página esteve aberta demasiado tempo. Inicie sessão novamente.
chooser-title = Escolher uma conta
chooser-continue = Continuar como { $user }
chooser-other = Usar outra conta
stronger-title = É preciso um início de sessão mais seguro
stronger-why = { $client } pede mais do que o seu início de sessão atual.
stronger-set-up = Pode configurá-lo agora e continuar depois.
stronger-again = Iniciar sessão com a chave de acesso ou o segundo fator
stronger-passkey = Criar uma chave de acesso
stronger-factor = Configurar um segundo fator
stronger-leave = Voltar a { $client } sem isso
login-stronger-passkey = { $client } pede que inicie sessão com uma chave de acesso.
login-stronger-factor = { $client } pede uma chave de acesso, ou um segundo fator além da palavra-passe.
login-stronger-code = { $client } pede um segundo fator além da palavra-passe.
onward-why = { $client } pede um início de sessão mais seguro. Configure-o aqui e depois continue.
onward-link = Continuar para { $client }
