# Palavras-passe, segundos fatores e endereços, e os e-mails sobre eles.

login-forgot = Esqueceu-se da palavra-passe?
login-sign-up = Criar uma conta
factor-title = Mais um passo
factor-hint = A palavra-passe está correta. Introduza agora o código que a sua aplicação mostra, ou um dos seus códigos de recuperação.
factor-hint-elsewhere = Iniciou sessão noutro serviço. Introduza agora o código que a sua aplicação mostra, ou um dos seus códigos de recuperação.
factor-code = Código
factor-other = Começar de novo
factor-wrong = Este código não está correto ou já foi usado. Espere pelo próximo e tente de novo.
factor-too-many =
    { $minutes ->
        [one] Demasiados códigos. Tente de novo dentro de { $minutes } minuto, ou use um código de recuperação.
       *[other] Demasiados códigos. Tente de novo dentro de { $minutes } minutos, ou use um código de recuperação.
    }
sign-up-title = Criar uma conta
sign-up-hint = Enviamos-lhe uma ligação com que mostra que o endereço é seu. Depois escolhe uma palavra-passe.
sign-up-hint-passkey = Enviamos-lhe uma ligação com que mostra que o endereço é seu. Depois cria uma chave de acesso ou escolhe uma palavra-passe.
sign-up-passkey = Criar a conta com uma chave de acesso
sign-up-passkey-failed = Não foi criada nenhuma chave de acesso. Tente de novo ou escolha uma palavra-passe.
sign-up-has-account = Tenho uma conta
address-label = Endereço de e-mail
address-bad = Não é possível enviar e-mail para este endereço. Verifique-o.
address-other-domain = Ninguém com um endereço deste domínio pode criar uma conta aqui.
send-link = Enviar-me uma ligação
forgot-title = Esqueceu-se da palavra-passe?
forgot-hint = Enviamos uma ligação para o endereço da sua conta. Com ela escolhe uma nova palavra-passe.
forgot-name = Nome de utilizador ou endereço de e-mail
forgot-no-name = Introduza o seu nome de utilizador ou o seu endereço de e-mail.
forgot-back = Voltar ao início de sessão
sent-title = Veja o seu e-mail
sent-why = Se for possível enviar um e-mail, está a caminho. Siga a ligação que contém.
sent-nothing = Nada depois de alguns minutos? Veja no correio não solicitado e confirme o que escreveu. Uma conta sem endereço de e-mail confirmado não recebe e-mails; os responsáveis por este site podem ajudar.
choose-title = Escolher uma nova palavra-passe
choose-new-title = Escolher uma palavra-passe
choose-for = para { $account }
choose-ends = Todas as suas sessões serão terminadas.
choose-submit = Guardar a palavra-passe
choose-new-submit = Criar a conta
password-new = Nova palavra-passe
password-current = Palavra-passe atual
password-rules = Pelo menos 8 carateres. Algumas palavras que mais ninguém juntaria são melhores do que truques com algarismos e símbolos. Um gestor de palavras-passe é ainda melhor.
password-too-short = Esta palavra-passe é demasiado curta. Use pelo menos { $least } carateres.
password-too-long = Esta palavra-passe é demasiado longa.
password-weak-keyboard = Teclas vizinhas são fáceis de adivinhar.
password-weak-repeats = O que se repete é fácil de adivinhar.
password-weak-sequence = Sequências como abc ou 6543 são fáceis de adivinhar.
password-weak-common = Muita gente tem esta palavra-passe, ou uma muito parecida.
password-weak-date = Datas e anos são fáceis de adivinhar.
password-weak-word = Uma única palavra ou um nome é fácil de adivinhar.
password-weak-other = Esta palavra-passe é fácil de adivinhar. Talvez contenha demasiado do seu nome ou do seu endereço.
password-weak-advice = Acrescente uma ou duas palavras sem relação entre si.
password-wrong = A palavra-passe atual não está correta. Tente de novo.
password-ends = Aqui a sua sessão mantém-se; todas as outras são terminadas.
password-elsewhere = Inicia sessão noutro lugar e não tem palavra-passe aqui.
verify-done = A sua conta está pronta
verify-email-done = O seu endereço de e-mail foi alterado
verify-done-why = Volte à aplicação e inicie sessão, ou veja a sua conta aqui.
reset-done = A sua palavra-passe foi alterada
reset-done-why = Todas as suas sessões foram terminadas. Volte à aplicação e inicie sessão com a nova palavra-passe. Se alguém puder ter conhecido a antiga, veja também a sua conta.
finished-account = Ver a minha conta
confirm-email-title = Confirme o seu novo endereço
confirm-email = A partir de agora, { $email } será o endereço da sua conta.
confirm-email-submit = Confirmar
error-link = Esta ligação já não pode ser usada
error-link-why = Já foi usada, expirou, ou algo na conta mudou desde então.
error-advice-link = Peça uma nova onde inicia sessão.
email-present = O endereço da sua conta é { $email }.
email-hint = Enviamos uma ligação para o novo endereço. A alteração só produz efeito depois de seguir essa ligação; o endereço antigo é avisado.
email-new = Novo endereço de e-mail
email-elsewhere = O seu endereço vem de onde inicia sessão. Altere-o lá.
factors-hint = Com um segundo fator, só a palavra-passe não chega: é pedido também um código do seu telemóvel.
factors-on = O segundo fator está ativado.
factors-off = O segundo fator está desativado.
factors-begin = Configurar uma aplicação
factors-no-password = Um segundo fator acompanha uma palavra-passe. Não tem nenhuma aqui.
factors-left =
    { $left ->
        [0] Não resta nenhum código de recuperação.
        [one] Resta { $left } código de recuperação.
       *[other] Restam { $left } códigos de recuperação.
    }
factors-few = Crie novos códigos de recuperação antes de precisar deles.
factors-renew = Criar novos códigos de recuperação
factors-remove = Desativar o segundo fator
enrol-scan = Leia isto com uma aplicação de autenticação no seu telemóvel.
enrol-picture = Código QR para a sua aplicação de autenticação
enrol-open = Ou abra numa aplicação deste dispositivo
enrol-type = Ou introduza esta chave na aplicação:
enrol-code = O código que a aplicação mostra agora
enrol-submit = Ativar
enrol-cancel = Cancelar
codes-title = Os seus códigos de recuperação
codes-why = Cada um permite iniciar sessão uma vez, em vez de um código da sua aplicação. Guarde-os onde os encontre sem o telemóvel.
codes-once = São mostrados só desta vez. Os anteriores já não são válidos.
codes-kept = Já os guardei
mail-ignore = Se não pediu isto, não precisa de fazer nada.
mail-sign-up-subject = A sua conta em { $site }
mail-sign-up = Alguém quer criar uma conta em { $site } com este endereço de e-mail. Se o pedido foi seu, siga esta ligação dentro de uma hora para continuar.
mail-sign-up-link = Criar a conta
mail-there-subject = A sua conta em { $site }
mail-there = Alguém quis usar este endereço de e-mail para uma conta em { $site }. Já existe uma conta com ele.
mail-there-forgot = Se o pedido foi seu, inicie sessão com ele. Se se esqueceu da palavra-passe, a página de início de sessão permite escolher uma nova.
mail-there-link = Iniciar sessão
mail-not-there-subject = Nenhuma conta em { $site }
mail-not-there = Alguém pediu uma nova palavra-passe em { $site } para este endereço de e-mail. Não existe nenhuma conta com ele. Se o pedido foi seu, talvez se tenha registado com outro endereço.
mail-reset-subject = Uma nova palavra-passe em { $site }
mail-reset = Alguém se esqueceu da palavra-passe da sua conta em { $site }. Se o pedido foi seu, siga esta ligação dentro de meia hora e escolha uma nova.
mail-reset-link = Escolher uma nova palavra-passe
mail-email-subject = O seu novo endereço em { $site }
mail-email = Alguém quer que este seja o endereço da sua própria conta em { $site }. Se o pedido foi seu, siga esta ligação dentro de uma hora.
mail-email-link = Confirmar o endereço
mail-news-subject = A sua conta em { $site } foi alterada
mail-news-link = Ver a sua conta
mail-news-alarm = Se isto não foi feito por si, talvez outra pessoa esteja na sua conta. Escolha já uma nova palavra-passe e veja o que mais mudou.
mail-password-changed = A palavra-passe da sua conta em { $site } foi alterada.
mail-factor-added = O segundo fator da sua conta em { $site } foi ativado.
mail-factor-removed = O segundo fator da sua conta em { $site } foi desativado.
mail-recovery-renewed = Foram criados novos códigos de recuperação para a sua conta em { $site }.
mail-recovery-used =
    { $left ->
        [0] Alguém iniciou sessão com o último dos seus códigos de recuperação. Crie novos.
        [one] Alguém iniciou sessão com um dos seus códigos de recuperação. Resta { $left }.
       *[other] Alguém iniciou sessão com um dos seus códigos de recuperação. Restam { $left }.
    }
mail-email-changed = O endereço de e-mail da sua conta em { $site } foi alterado. A partir de agora, os e-mails sobre ela vão para o novo endereço.
account-email = Endereço de e-mail
account-email-words = Para onde vão as ligações e os avisos sobre a sua conta.
account-done-password = A sua palavra-passe foi alterada, e todas as outras sessões foram terminadas.
account-done-factor = O segundo fator está desativado.
account-done-email = Se for possível enviar e-mail para lá, uma ligação está a caminho. O endereço só produz efeito depois de seguir essa ligação.
