# Devices without a browser (RFC 8628).

device-title = Connect a device
device-about = Type in the code that the device shows.
device-code = Code
device-problem-code = No device waits under this code. Compare it with the device; if it is right, start again there.
device-problem-expired = This page had waited too long. Please send the code once more.
device-question = Connect a device to { $client }?
device-warning = Go on only if you started this yourself, on a device that you have in front of you, and it shows the code { $code }. If somebody sent you this code or a link to this page, deny: they would act in your name.
device-connected = The device is connected
device-connected-next = { $client } goes on there in a few seconds. You can close this page.
device-denied = The device is not connected
device-denied-next = { $client } got nothing. You can close this page.
