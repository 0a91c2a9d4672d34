# Iniciar sesión con una cuenta de otro sitio.

upstream-continue = Continuar con { $provider }
upstream-denied = { $provider } no inició su sesión, o usted canceló allí. Puede intentarlo de nuevo.
upstream-failed = No se pudo iniciar sesión con { $provider }. Inténtelo de nuevo; si vuelve a ocurrir, avise a los responsables de este sitio.
upstream-unavailable = No se puede acceder a { $provider } en este momento. No se ha perdido nada: espere un momento e inténtelo de nuevo.
upstream-no-account = Ninguna cuenta de aquí está vinculada a su cuenta de { $provider }. Inicie sesión primero de otra manera y vincúlela después en la página de su cuenta.
upstream-address-known = Es posible que ya exista aquí una cuenta con su dirección de correo. Inicie sesión en ella de otra manera y vincule después { $provider } en la página de su cuenta.
connections-intro = Cuentas de otros sitios con las que inicia sesión aquí. Para vincular una, inicie sesión allí.
connections-none = No hay ninguna cuenta de otro sitio vinculada.
connections-since = Vinculada desde { $time }.
connections-remove = Desvincular
connections-add = Vincular { $provider }
connections-done-added = Vinculada. Desde ahora puede iniciar sesión con ella.
connections-done-removed = Desvinculada. Ya no puede iniciar sesión con ella.
connections-others = Esta cuenta de { $provider } ya está vinculada a otra cuenta de aquí, o tiene demasiadas vinculadas. No se ha cambiado nada.
connections-last = { $provider } es su única manera de iniciar sesión aquí. Configure primero otra, como una llave de acceso o una contraseña.
