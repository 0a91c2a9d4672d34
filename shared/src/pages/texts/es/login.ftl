# Iniciar sesión con contraseña y elegir una cuenta.

login-title = Iniciar sesión
login-continue = para continuar en { $client }
login-device = para conectar el dispositivo que muestra { $code }
login-username = Nombre de usuario
login-password = Contraseña
login-submit = Iniciar sesión
login-or = o
login-site = Iniciar sesión en { $host }
login-problem-credentials = El nombre de usuario o la contraseña no son correctos. Vuelva a intentarlo.
login-problem-expired = Esta página estuvo abierta demasiado tiempo. Inicie sesión de nuevo.
chooser-title = Elegir una cuenta
chooser-continue = Continuar como { $user }
chooser-other = Usar otra cuenta
stronger-title = Hace falta un inicio de sesión más seguro
stronger-why = { $client } pide más que su inicio de sesión actual.
stronger-set-up = Puede configurarlo ahora y continuar después.
stronger-again = Iniciar sesión con la llave de acceso o el segundo factor
stronger-passkey = Crear una llave de acceso
stronger-factor = Configurar un segundo factor
stronger-leave = Volver a { $client } sin ello
login-stronger-passkey = { $client } le pide que inicie sesión con una llave de acceso.
login-stronger-factor = { $client } pide una llave de acceso, o un segundo factor además de la contraseña.
login-stronger-code = { $client } pide un segundo factor además de la contraseña.
onward-why = { $client } pide un inicio de sesión más seguro. Configúrelo aquí y después continúe.
onward-link = Continuar hacia { $client }
