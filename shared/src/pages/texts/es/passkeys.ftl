# Iniciar sesión con una llave de acceso, y las llaves de acceso de una cuenta.

passkey-login-submit = Iniciar sesión con una llave de acceso
passkey-login-failed = No se usó ninguna llave de acceso. Vuelva a intentarlo o inicie sesión de otra manera.
passkey-login-problem = Esta llave de acceso no sirve ahora para iniciar sesión. Vuelva a intentarlo o inicie sesión de otra manera.
passkeys-intro = Una llave de acceso le permite iniciar sesión con el bloqueo de su propio dispositivo: huella, rostro o PIN. No se puede adivinar y ningún otro sitio puede usarla.
passkeys-none = Aún no tiene ninguna llave de acceso.
passkeys-unnamed = Llave de acceso del { $date }
passkeys-synced = en varios lugares
passkeys-added = Añadida: { $time }.
passkeys-used = Último uso: { $time }.
passkeys-unused = Aún sin usar.
passkeys-change = Cambiar el nombre o eliminar
passkeys-name = Nombre
passkeys-rename = Guardar el nombre
passkeys-remove = Eliminar esta llave de acceso
passkeys-name-new = Nombre de una nueva llave de acceso
passkeys-name-hint = Opcional. Así la distinguirá de otras, por ejemplo «Mi teléfono».
passkeys-add = Añadir una llave de acceso
passkeys-unsupported = Para añadir una llave de acceso necesita un navegador que admita llaves de acceso y ejecute scripts.
passkeys-failed = No se creó ninguna llave de acceso. Quizá este dispositivo ya tenga una para esta cuenta. Vuelva a intentarlo o use otro dispositivo.
passkeys-not-added = No se pudo añadir la llave de acceso. Vuelva a intentarlo.
passkeys-full = Ya tiene todas las llaves de acceso que puede tener una cuenta. Elimine una antes de añadir otra.
passkeys-last = Sin esta llave de acceso ya no podría iniciar sesión. Añada antes otra o establezca una contraseña.
passkeys-done-added = Se añadió la llave de acceso. Desde ahora puede iniciar sesión con ella.
passkeys-done-renamed = La llave de acceso tiene su nuevo nombre.
passkeys-done-removed = Se eliminó la llave de acceso y ya no sirve para iniciar sesión. Puede que su dispositivo aún la muestre: elimínela también allí.
