# Senhas, segundos fatores e endereços, e os e-mails sobre eles.

login-forgot = Esqueceu a senha?
login-sign-up = Criar uma conta
factor-title = Mais um passo
factor-hint = A senha está certa. Digite agora o código que seu aplicativo mostra, ou um dos seus códigos de recuperação.
factor-hint-elsewhere = Você entrou por outro serviço. Digite agora o código que seu aplicativo mostra, ou um dos seus códigos de recuperação.
factor-code = Código
factor-other = Começar de novo
factor-wrong = Este código não está certo ou já foi usado. Espere o próximo e tente de novo.
factor-too-many =
    { $minutes ->
        [one] Códigos demais. Tente de novo em { $minutes } minuto, ou use um código de recuperação.
       *[other] Códigos demais. Tente de novo em { $minutes } minutos, ou use um código de recuperação.
    }
sign-up-title = Criar uma conta
sign-up-hint = Enviamos um link com o qual você mostra que o endereço é seu. Depois você escolhe uma senha.
sign-up-hint-passkey = Enviamos um link com o qual você mostra que o endereço é seu. Depois você cria uma chave de acesso ou escolhe uma senha.
sign-up-passkey = Criar a conta com uma chave de acesso
sign-up-passkey-failed = Nenhuma chave de acesso foi criada. Tente de novo ou escolha uma senha.
sign-up-has-account = Tenho uma conta
address-label = Endereço de e-mail
address-bad = Não é possível enviar e-mail para este endereço. Confira-o.
address-other-domain = Ninguém com um endereço deste domínio pode criar uma conta aqui.
send-link = Enviar-me um link
forgot-title = Esqueceu a senha?
forgot-hint = Enviamos um link para o endereço da sua conta. Com ele você escolhe uma nova senha.
forgot-name = Nome de usuário ou endereço de e-mail
forgot-no-name = Digite seu nome de usuário ou seu endereço de e-mail.
forgot-back = Voltar ao login
sent-title = Veja seu e-mail
sent-why = Se for possível enviar um e-mail, ele está a caminho. Siga o link que ele contém.
sent-nothing = Nada depois de alguns minutos? Veja entre os indesejados e confira o que digitou. Uma conta sem endereço confirmado não recebe e-mail; os responsáveis por este site podem ajudar.
choose-title = Escolher uma nova senha
choose-new-title = Escolher uma senha
choose-for = para { $account }
choose-ends = Sua sessão será encerrada em todos os lugares.
choose-submit = Salvar a senha
choose-new-submit = Criar a conta
password-new = Nova senha
password-current = Senha atual
password-rules = Pelo menos 8 caracteres. Algumas palavras que ninguém mais juntaria são melhores que truques com números e símbolos. Um gerenciador de senhas é melhor ainda.
password-too-short = Esta senha é curta demais. Use pelo menos { $least } caracteres.
password-too-long = Esta senha é longa demais.
password-weak-keyboard = Teclas vizinhas são fáceis de adivinhar.
password-weak-repeats = O que se repete é fácil de adivinhar.
password-weak-sequence = Sequências como abc ou 6543 são fáceis de adivinhar.
password-weak-common = Muita gente tem esta senha, ou uma muito parecida.
password-weak-date = Datas e anos são fáceis de adivinhar.
password-weak-word = Uma única palavra ou um nome é fácil de adivinhar.
password-weak-other = Esta senha é fácil de adivinhar. Talvez tenha demais do seu nome ou do seu endereço.
password-weak-advice = Acrescente uma ou duas palavras sem relação entre si.
password-wrong = A senha atual não está certa. Tente de novo.
password-ends = Você continua conectado aqui, e sua sessão é encerrada em todos os outros lugares.
password-elsewhere = Você entra em outro lugar e não tem senha aqui.
verify-done = Sua conta está pronta
verify-email-done = Seu endereço de e-mail foi alterado
verify-done-why = Volte ao aplicativo e entre, ou veja sua conta aqui.
reset-done = Sua senha foi alterada
reset-done-why = Sua sessão foi encerrada em todos os lugares. Volte ao aplicativo e entre com a nova senha. Se alguém pode ter conhecido a antiga, veja também sua conta.
finished-account = Ver minha conta
confirm-email-title = Confirme seu novo endereço
confirm-email = De agora em diante, { $email } será o endereço da sua conta.
confirm-email-submit = Confirmar
error-link = Este link não pode mais ser usado
error-link-why = Ele já foi usado, esperou demais, ou algo na conta mudou desde então.
error-advice-link = Peça um novo onde você faz login.
email-present = O endereço da sua conta é { $email }.
email-hint = Enviamos um link para o novo endereço. A mudança vale quando você o seguir; o endereço antigo é avisado.
email-new = Novo endereço de e-mail
email-elsewhere = Seu endereço vem de onde você faz login. Altere-o lá.
factors-hint = Com um segundo fator, sua senha sozinha não abre nada: pede-se também um código do seu telefone.
factors-on = O segundo fator está ligado.
factors-off = O segundo fator está desligado.
factors-begin = Configurar um aplicativo
factors-no-password = Um segundo fator acompanha uma senha. Você não tem nenhuma aqui.
factors-left =
    { $left ->
        [0] Não resta nenhum código de recuperação.
        [one] Resta { $left } código de recuperação.
       *[other] Restam { $left } códigos de recuperação.
    }
factors-few = Crie novos códigos de recuperação antes de precisar deles.
factors-renew = Criar novos códigos de recuperação
factors-remove = Desligar o segundo fator
enrol-scan = Leia isto com um aplicativo autenticador no seu telefone.
enrol-picture = Código QR para seu aplicativo autenticador
enrol-open = Ou abra em um aplicativo deste dispositivo
enrol-type = Ou digite esta chave no aplicativo:
enrol-code = O código que o aplicativo mostra agora
enrol-submit = Ligar
enrol-cancel = Cancelar
codes-title = Seus códigos de recuperação
codes-why = Cada um deles permite entrar uma vez, no lugar de um código do seu aplicativo. Guarde-os onde os encontre sem o telefone.
codes-once = Eles são mostrados só desta vez. Os anteriores não valem mais.
codes-kept = Já guardei
mail-ignore = Se você não pediu isto, não precisa fazer nada.
mail-sign-up-subject = Sua conta em { $site }
mail-sign-up = Alguém quer criar uma conta em { $site } com este endereço de e-mail. Se foi você, siga este link dentro de uma hora para continuar.
mail-sign-up-link = Criar a conta
mail-there-subject = Sua conta em { $site }
mail-there = Alguém quis usar este endereço de e-mail para uma conta em { $site }. Já existe uma conta com ele.
mail-there-forgot = Se foi você, entre com ele. Se esqueceu a senha, a página de login permite escolher uma nova.
mail-there-link = Entrar
mail-not-there-subject = Nenhuma conta em { $site }
mail-not-there = Alguém pediu uma nova senha em { $site } para este endereço de e-mail. Não existe conta com ele. Se foi você, talvez tenha se cadastrado com outro endereço.
mail-reset-subject = Uma nova senha em { $site }
mail-reset = Alguém esqueceu a senha da sua conta em { $site }. Se foi você, siga este link dentro de meia hora e escolha uma nova.
mail-reset-link = Escolher uma nova senha
mail-email-subject = Seu novo endereço em { $site }
mail-email = Alguém quer que este seja o endereço da própria conta em { $site }. Se foi você, siga este link dentro de uma hora.
mail-email-link = Confirmar o endereço
mail-news-subject = Sua conta em { $site } foi alterada
mail-news-link = Ver sua conta
mail-news-alarm = Se não foi você, talvez outra pessoa esteja na sua conta. Escolha já uma nova senha e veja o que mais mudou.
mail-password-changed = A senha da sua conta em { $site } foi alterada.
mail-factor-added = O segundo fator da sua conta em { $site } foi ligado.
mail-factor-removed = O segundo fator da sua conta em { $site } foi desligado.
mail-recovery-renewed = Novos códigos de recuperação foram criados para sua conta em { $site }.
mail-recovery-used =
    { $left ->
        [0] Alguém entrou com o último dos seus códigos de recuperação. Crie novos.
        [one] Alguém entrou com um dos seus códigos de recuperação. Resta { $left }.
       *[other] Alguém entrou com um dos seus códigos de recuperação. Restam { $left }.
    }
mail-email-changed = O endereço de e-mail da sua conta em { $site } foi alterado. Os e-mails sobre ela vão de agora em diante para o novo endereço.
account-email = Endereço de e-mail
account-email-words = Para onde vão links e avisos sobre sua conta.
account-done-password = Sua senha foi alterada, e sua sessão foi encerrada em todos os outros lugares.
account-done-factor = O segundo fator está desligado.
account-done-email = Se for possível enviar e-mail para lá, um link está a caminho. O endereço vale quando você o seguir.
