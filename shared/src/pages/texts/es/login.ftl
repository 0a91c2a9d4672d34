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
