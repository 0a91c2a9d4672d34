# Contraseñas, segundos factores y direcciones, y los correos sobre ellos.

login-forgot = ¿Ha olvidado su contraseña?
login-sign-up = Crear una cuenta
factor-title = Un paso más
factor-hint = Su contraseña es correcta. Escriba ahora el código que muestra su aplicación, o uno de sus códigos de recuperación.
factor-hint-elsewhere = Ha iniciado sesión en otro servicio. Escriba ahora el código que muestra su aplicación, o uno de sus códigos de recuperación.
factor-code = Código
factor-other = Empezar de nuevo
factor-wrong = Este código no es correcto o ya se usó. Espere el siguiente e inténtelo de nuevo.
factor-too-many =
    { $minutes ->
        [one] Demasiados códigos. Inténtelo de nuevo en un minuto, o use un código de recuperación.
       *[other] Demasiados códigos. Inténtelo de nuevo en { $minutes } minutos, o use un código de recuperación.
    }
sign-up-title = Crear una cuenta
sign-up-hint = Le enviamos un enlace con el que demuestra que la dirección es suya. Después elige una contraseña.
sign-up-hint-passkey = Le enviamos un enlace con el que demuestra que la dirección es suya. Después crea una llave de acceso o elige una contraseña.
sign-up-passkey = Crear la cuenta con una llave de acceso
sign-up-passkey-failed = No se creó ninguna llave de acceso. Inténtelo de nuevo o elija una contraseña.
sign-up-has-account = Tengo una cuenta
address-label = Dirección de correo
address-bad = A esta dirección no se puede enviar correo. Revísela.
address-other-domain = Nadie con una dirección de este dominio puede crear una cuenta aquí.
send-link = Enviarme un enlace
forgot-title = ¿Ha olvidado su contraseña?
forgot-hint = Enviamos un enlace a la dirección de su cuenta. Con él elige una contraseña nueva.
forgot-name = Nombre de usuario o dirección de correo
forgot-no-name = Escriba su nombre de usuario o su dirección de correo.
forgot-back = Volver al inicio de sesión
sent-title = Mire su correo
sent-why = Si se puede enviar un correo, está en camino. Siga el enlace que contiene.
sent-nothing = ¿No hay nada después de unos minutos? Mire entre el correo no deseado y compruebe lo que escribió. Una cuenta sin dirección confirmada no recibe correo; los responsables de este sitio pueden ayudarle.
choose-title = Elegir una contraseña nueva
choose-new-title = Elegir una contraseña
choose-for = para { $account }
choose-ends = Se cerrará su sesión en todas partes.
choose-submit = Guardar la contraseña
choose-new-submit = Crear la cuenta
password-new = Contraseña nueva
password-current = Contraseña actual
password-rules = Al menos 8 caracteres. Unas palabras que nadie más juntaría valen más que trucos con cifras y signos. Un gestor de contraseñas es aún mejor.
password-too-short = Esta contraseña es demasiado corta. Escriba al menos { $least } caracteres.
password-too-long = Esta contraseña es demasiado larga.
password-weak-keyboard = Las teclas vecinas son fáciles de adivinar.
password-weak-repeats = Lo que se repite es fácil de adivinar.
password-weak-sequence = Las secuencias como abc o 6543 son fáciles de adivinar.
password-weak-common = Mucha gente tiene esta contraseña, o una muy parecida.
password-weak-date = Las fechas y los años son fáciles de adivinar.
password-weak-word = Una sola palabra o un nombre es fácil de adivinar.
password-weak-other = Esta contraseña es fácil de adivinar. Quizá tenga demasiado de su nombre o de su dirección.
password-weak-advice = Añada una o dos palabras que no tengan relación entre sí.
password-wrong = La contraseña actual no es correcta. Inténtelo de nuevo.
password-ends = Aquí sigue conectado; en todas las demás partes se cierra su sesión.
password-elsewhere = Inicia sesión en otro lugar y no tiene contraseña aquí.
verify-done = Su cuenta está lista
verify-email-done = Su dirección de correo ha cambiado
verify-done-why = Vuelva a la aplicación e inicie sesión, o vea su cuenta aquí.
reset-done = Su contraseña ha cambiado
reset-done-why = Su sesión se cerró en todas partes. Vuelva a la aplicación e inicie sesión con la contraseña nueva. Si alguien pudo conocer la antigua, mire también su cuenta.
finished-account = Ver mi cuenta
confirm-email-title = Confirme su nueva dirección
confirm-email = Desde ahora, { $email } será la dirección de su cuenta.
confirm-email-submit = Confirmar
error-link = Este enlace ya no se puede usar
error-link-why = Ya se usó, ha esperado demasiado, o algo de la cuenta ha cambiado desde entonces.
error-advice-link = Pida uno nuevo donde inicia sesión.
email-present = La dirección de su cuenta es { $email }.
email-hint = Enviamos un enlace a la dirección nueva. El cambio surte efecto cuando lo haya seguido; se avisa a la dirección antigua.
email-new = Nueva dirección de correo
email-elsewhere = Su dirección viene de donde inicia sesión. Cámbiela allí.
factors-hint = Con un segundo factor, su contraseña sola no abre nada: se pide además un código de su teléfono.
factors-on = El segundo factor está activado.
factors-off = El segundo factor está desactivado.
factors-begin = Configurar una aplicación
factors-no-password = Un segundo factor acompaña a una contraseña. Aquí no tiene ninguna.
factors-left =
    { $left ->
        [0] No queda ningún código de recuperación.
        [one] Queda un código de recuperación.
       *[other] Quedan { $left } códigos de recuperación.
    }
factors-few = Cree códigos de recuperación nuevos antes de necesitarlos.
factors-renew = Crear códigos de recuperación nuevos
factors-remove = Desactivar el segundo factor
enrol-scan = Escanee esto con una aplicación de autenticación en su teléfono.
enrol-picture = Código QR para su aplicación de autenticación
enrol-open = O ábralo en una aplicación de este dispositivo
enrol-type = O escriba esta clave en la aplicación:
enrol-code = El código que la aplicación muestra ahora
enrol-submit = Activar
enrol-cancel = Cancelar
codes-title = Sus códigos de recuperación
codes-why = Cada uno le permite iniciar sesión una vez, en lugar de un código de su aplicación. Guárdelos donde los encuentre sin su teléfono.
codes-once = Solo se muestran esta vez. Los anteriores ya no valen.
codes-kept = Los he guardado
mail-ignore = Si usted no lo pidió, no tiene que hacer nada.
mail-sign-up-subject = Su cuenta en { $site }
mail-sign-up = Alguien quiere crear una cuenta en { $site } con esta dirección de correo. Si fue usted, siga este enlace dentro de una hora para continuar.
mail-sign-up-link = Crear la cuenta
mail-there-subject = Su cuenta en { $site }
mail-there = Alguien quiso usar esta dirección de correo para una cuenta en { $site }. Ya hay una cuenta con ella.
mail-there-forgot = Si fue usted, inicie sesión con ella. Si olvidó la contraseña, en la página de inicio de sesión puede elegir una nueva.
mail-there-link = Iniciar sesión
mail-not-there-subject = No hay cuenta en { $site }
mail-not-there = Alguien pidió una contraseña nueva en { $site } para esta dirección de correo. No hay ninguna cuenta con ella. Si fue usted, quizá se registró con otra dirección.
mail-reset-subject = Una contraseña nueva en { $site }
mail-reset = Alguien olvidó la contraseña de su cuenta en { $site }. Si fue usted, siga este enlace dentro de media hora y elija una nueva.
mail-reset-link = Elegir una contraseña nueva
mail-email-subject = Su nueva dirección en { $site }
mail-email = Alguien quiere que esta sea la dirección de su cuenta en { $site }. Si fue usted, siga este enlace dentro de una hora.
mail-email-link = Confirmar la dirección
mail-news-subject = Su cuenta en { $site } ha cambiado
mail-news-link = Ver su cuenta
mail-news-alarm = Si no fue usted, quizá otra persona esté en su cuenta. Elija enseguida una contraseña nueva y mire qué más cambió.
mail-password-changed = La contraseña de su cuenta en { $site } ha cambiado.
mail-factor-added = Se activó el segundo factor de su cuenta en { $site }.
mail-factor-removed = Se desactivó el segundo factor de su cuenta en { $site }.
mail-recovery-renewed = Se crearon códigos de recuperación nuevos para su cuenta en { $site }.
mail-recovery-used =
    { $left ->
        [0] Alguien inició sesión con el último de sus códigos de recuperación. Cree otros nuevos.
        [one] Alguien inició sesión con uno de sus códigos de recuperación. Queda uno.
       *[other] Alguien inició sesión con uno de sus códigos de recuperación. Quedan { $left }.
    }
mail-email-changed = La dirección de correo de su cuenta en { $site } ha cambiado. Los avisos van desde ahora a la dirección nueva.
account-email = Dirección de correo
account-email-words = Adonde van los enlaces y avisos de su cuenta.
account-done-password = Su contraseña ha cambiado, y su sesión se cerró en las demás partes.
account-done-factor = El segundo factor está desactivado.
account-done-email = Si se puede enviar correo allí, un enlace está en camino. La dirección surte efecto cuando lo haya seguido.
