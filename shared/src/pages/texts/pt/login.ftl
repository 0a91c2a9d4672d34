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
