# Iniciar sessão com uma chave de acesso, e as chaves de acesso de uma conta.

passkey-login-submit = Iniciar sessão com uma chave de acesso
passkey-login-failed = Não foi usada nenhuma chave de acesso. Tente novamente ou inicie sessão de outra forma.
passkey-login-problem = Esta chave de acesso não pode ser usada agora para iniciar sessão. Tente novamente ou inicie sessão de outra forma.
passkeys-intro = Uma chave de acesso inicia a sua sessão com o bloqueio do seu próprio dispositivo: impressão digital, rosto ou PIN. Não pode ser adivinhada, e nenhum outro site a pode usar.
passkeys-none = Ainda não tem nenhuma chave de acesso.
passkeys-unnamed = Chave de acesso de { $date }
passkeys-synced = em vários locais
passkeys-added = Adicionada: { $time }.
passkeys-used = Última utilização: { $time }.
passkeys-unused = Ainda não utilizada.
passkeys-change = Mudar o nome ou remover
passkeys-name = Nome
passkeys-rename = Guardar o nome
passkeys-remove = Remover esta chave de acesso
passkeys-name-new = Nome de uma nova chave de acesso
passkeys-name-hint = Opcional. Serve para a distinguir de outras, por exemplo «O meu telemóvel».
passkeys-add = Adicionar uma chave de acesso
passkeys-unsupported = Para adicionar uma chave de acesso, precisa de um navegador que suporte chaves de acesso e execute scripts.
passkeys-failed = Não foi criada nenhuma chave de acesso. Talvez este dispositivo já tenha uma para esta conta. Tente novamente ou com outro dispositivo.
passkeys-not-added = Não foi possível adicionar a chave de acesso. Tente novamente.
passkeys-full = Já tem tantas chaves de acesso quantas uma conta pode ter. Remova uma antes de adicionar outra.
passkeys-last = Sem esta chave de acesso já não poderia iniciar sessão. Adicione primeiro outra ou defina uma palavra-passe.
passkeys-done-added = A chave de acesso foi adicionada. A partir de agora pode iniciar sessão com ela.
passkeys-done-renamed = A chave de acesso tem o novo nome.
passkeys-done-removed = A chave de acesso foi removida e já não serve para iniciar sessão. O seu dispositivo pode ainda mostrá-la: elimine-a lá também.
