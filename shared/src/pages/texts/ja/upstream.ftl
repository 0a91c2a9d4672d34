# 他のサービスのアカウントでサインインする。

upstream-continue = { $provider } で続ける
upstream-denied = { $provider } でサインインできなかったか、そこでキャンセルされました。もう一度お試しください。
upstream-failed = { $provider } でのサインインに失敗しました。もう一度お試しください。再び起こる場合は、このサイトの運営者にお知らせください。
upstream-unavailable = 現在 { $provider } に接続できません。失われたものはありません。しばらく待ってから、もう一度お試しください。
upstream-no-account = お客様の { $provider } アカウントと連携しているアカウントはここにはありません。まず別の方法でサインインし、アカウントページで連携してください。
upstream-address-known = お客様のメールアドレスのアカウントがすでにここにある可能性があります。別の方法でそのアカウントにサインインし、アカウントページで { $provider } を連携してください。
