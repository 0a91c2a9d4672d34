# Cerrar sesión.

logout-title = ¿Cerrar sesión?
logout-user = Aquí ha iniciado sesión como { $user }.
logout-client = { $client } pide cerrar su sesión también aquí. Otras aplicaciones que abrió con esta sesión pueden cerrar la suya también.
logout-alone = Las aplicaciones que abrió con esta sesión pueden cerrar la suya también.
logout-onward = Después, su navegador continúa hacia { $place }.
logout-submit = Cerrar sesión
logout-stay = Mantener la sesión
signed-in-title = La sesión sigue abierta
signed-in-heading = Su sesión sigue abierta
signed-in-alone = No se ha cambiado nada. Puede cerrar esta página.
signed-in-client = Aquí no se ha cambiado nada; puede que { $client } haya cerrado su propia sesión. Puede cerrar esta página.
signed-out-title = Sesión cerrada
signed-out-heading = Su sesión está cerrada
signed-out-alone = Ya no hay ninguna sesión abierta aquí en este navegador. Puede cerrar esta página.
signed-out-client = Ya no hay ninguna sesión abierta aquí en este navegador. Puede volver a { $client } o cerrar esta página.
signed-out-next = Una aplicación que se registró aquí por sí misma quiere enviar su navegador a { $place }. Nadie aquí ha comprobado quién está detrás. Continúe solo si realmente quería usarla.
