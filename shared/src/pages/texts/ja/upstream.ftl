# ほかのサービスのアカウントでサインインする。

upstream-continue = { $provider } で続ける
upstream-denied = { $provider } でサインインできなかったか、そこでキャンセルされました。もう一度お試しください。
upstream-failed = { $provider } でのサインインに失敗しました。もう一度お試しください。再び起こる場合は、このサイトの運営者にお知らせください。
upstream-unavailable = 現在 { $provider } に接続できません。失われたものはありません。しばらく待ってから、もう一度お試しください。
upstream-no-account = あなたの { $provider } アカウントと連携しているアカウントはここにはありません。まず別の方法でサインインし、アカウントページで連携してください。
upstream-address-known = あなたのメールアドレスのアカウントがすでにここにある可能性があります。別の方法でそのアカウントにサインインし、アカウントページで { $provider } を連携してください。
connections-intro = ここへのサインインに使うほかのサービスのアカウントです。連携するには、そのサービスでサインインします。
connections-none = 連携しているほかのサービスのアカウントはありません。
connections-since = 連携日時：{ $time }。
connections-remove = 連携を解除
connections-add = { $provider } と連携
connections-done-added = 連携しました。これからはこのアカウントでサインインできます。
connections-done-removed = 連携を解除しました。このアカウントではサインインできなくなりました。
connections-others = この { $provider } アカウントはすでにここの別のアカウントと連携しているか、連携の数が多すぎます。何も変更されていません。
connections-last = { $provider } はここへの唯一のサインイン方法です。先にパスキーやパスワードなど別の方法を設定してください。
