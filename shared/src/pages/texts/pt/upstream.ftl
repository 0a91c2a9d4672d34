# Iniciar sessão com uma conta de outro sítio.

upstream-continue = Continuar com { $provider }
upstream-denied = { $provider } não iniciou a sua sessão, ou cancelou lá. Pode tentar de novo.
upstream-failed = Não foi possível iniciar sessão com { $provider }. Tente de novo; se voltar a acontecer, avise os responsáveis por este site.
upstream-unavailable = De momento não é possível aceder a { $provider }. Nada se perdeu: aguarde um momento e tente de novo.
upstream-no-account = Nenhuma conta aqui está ligada à sua conta { $provider }. Inicie sessão primeiro de outra forma e ligue-a depois na página da sua conta.
upstream-address-known = Talvez já exista aqui uma conta com o seu endereço de e-mail. Inicie sessão nela de outra forma e ligue depois { $provider } na página da sua conta.
