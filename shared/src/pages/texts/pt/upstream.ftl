# Iniciar sessão com uma conta de outro site.

upstream-continue = Continuar com { $provider }
upstream-denied = { $provider } não iniciou a sua sessão, ou cancelou lá. Pode tentar de novo.
upstream-failed = Não foi possível iniciar sessão com { $provider }. Tente de novo; se voltar a acontecer, avise os responsáveis por este site.
upstream-unavailable = De momento não é possível aceder a { $provider }. Nada se perdeu: aguarde um momento e tente de novo.
upstream-no-account = Nenhuma conta aqui está ligada à sua conta { $provider }. Inicie sessão primeiro de outra forma e ligue-a depois na página da sua conta.
upstream-address-known = Talvez já exista aqui uma conta com o seu endereço de e-mail. Inicie sessão nela de outra forma e ligue depois { $provider } na página da sua conta.
connections-intro = Contas de outros sites com as quais inicia sessão aqui. Para ligar uma, inicie sessão lá.
connections-none = Nenhuma conta de outro site está ligada.
connections-since = Ligada desde { $time }.
connections-remove = Desligar
connections-add = Ligar { $provider }
connections-done-added = Ligada. A partir de agora pode iniciar sessão com ela.
connections-done-removed = Desligada. Já não pode iniciar sessão com ela.
connections-others = Esta conta { $provider } já está ligada a outra conta aqui, ou tem demasiadas ligadas. Nada foi alterado.
connections-last = { $provider } é a sua única forma de iniciar sessão aqui. Configure primeiro outra, como uma chave de acesso ou uma palavra-passe.
