# Dispositivos sin navegador (RFC 8628).

device-title = Conectar un dispositivo
device-about = Escriba el código que muestra el dispositivo.
device-code = Código
device-problem-code = Ningún dispositivo espera con este código. Compárelo con el dispositivo; si es correcto, vuelva a empezar allí.
device-problem-expired = Esta página estuvo abierta demasiado tiempo. Envíe el código de nuevo.
device-question = ¿Conectar un dispositivo a { $client }?
device-warning = Continúe solo si usted mismo empezó esto, en un dispositivo que tiene delante y que muestra el código { $code }. Si alguien le envió este código o un enlace a esta página, deniegue: actuaría en nombre de usted.
device-connected = El dispositivo está conectado
device-connected-next = { $client } continúa allí en unos segundos. Puede cerrar esta página.
device-denied = El dispositivo no está conectado
device-denied-next = { $client } no obtuvo nada. Puede cerrar esta página.
