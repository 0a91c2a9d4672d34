# Dispositivos sem navegador (RFC 8628).

device-title = Ligar um dispositivo
device-about = Introduza o código que o dispositivo mostra.
device-code = Código
device-problem-code = Nenhum dispositivo espera com este código. Compare-o com o dispositivo; se estiver certo, comece lá de novo.
device-problem-expired = Esta página esteve aberta demasiado tempo. Envie o código novamente.
device-question = Ligar um dispositivo a { $client }?
device-warning = Continue apenas se começou isto por sua iniciativa, num dispositivo que tem à sua frente e que mostra o código { $code }. Se alguém lhe enviou este código ou uma ligação para esta página, recuse: essa pessoa agiria em seu nome.
device-connected = O dispositivo está ligado
device-connected-next = { $client } continua lá dentro de alguns segundos. Pode fechar esta página.
device-denied = O dispositivo não está ligado
device-denied-next = { $client } não recebeu nada. Pode fechar esta página.
