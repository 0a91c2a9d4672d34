# Signing in with a passkey, and the passkeys of an account.

passkey-login-submit = Sign in with a passkey
passkey-login-failed = No passkey was used. Try again, or sign in another way.
passkey-login-problem = This passkey can’t be used to sign in now. Try again, or sign in another way.
passkeys-intro = A passkey signs you in by the lock of your own device: a fingerprint, a face, a PIN. It can’t be guessed, and no other site can use it.
passkeys-none = You have no passkey yet.
passkeys-unnamed = Passkey of { $date }
passkeys-synced = in more than one place
passkeys-added = Added: { $time }.
passkeys-used = Last used: { $time }.
passkeys-unused = Not used yet.
passkeys-change = Rename or remove
passkeys-name = Name
passkeys-rename = Save name
passkeys-remove = Remove this passkey
passkeys-name-new = Name of a new passkey
passkeys-name-hint = Optional. By it you tell it from others, for instance “My phone”.
passkeys-add = Add a passkey
passkeys-unsupported = To add a passkey, you need a browser that has passkeys and runs scripts.
passkeys-failed = No passkey was made. Perhaps this device has one for this account already. Try again, or with another device.
passkeys-not-added = The passkey could not be added. Try again.
passkeys-full = You have as many passkeys as one account may have. Remove one before you add another.
passkeys-last = Without this passkey you could not sign in any more. First add another one, or set a password.
passkeys-done-added = The passkey was added. You can sign in with it from now on.
passkeys-done-renamed = The passkey has its new name.
passkeys-done-removed = The passkey was removed, and signs nobody in any more. Your device may still show it: delete it there, too.
