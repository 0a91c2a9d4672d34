# パスキーでのサインインと、アカウントのパスキー。

passkey-login-submit = パスキーでサインイン
passkey-login-failed = パスキーは使われませんでした。もう一度試すか、別の方法でサインインしてください。
passkey-login-problem = このパスキーでは今サインインできません。もう一度試すか、別の方法でサインインしてください。
passkeys-intro = パスキーを使うと、指紋、顔、PIN など、お使いのデバイスのロックでサインインできます。推測されることはなく、ほかのサイトが使うこともできません。
passkeys-none = パスキーはまだありません。
passkeys-unnamed = { $date } のパスキー
passkeys-synced = 複数の場所に保存
passkeys-added = 追加：{ $time }。
passkeys-used = 最終使用：{ $time }。
passkeys-unused = まだ使われていません。
passkeys-change = 名前の変更または削除
passkeys-name = 名前
passkeys-rename = 名前を保存
passkeys-remove = このパスキーを削除
passkeys-name-new = 新しいパスキーの名前
passkeys-name-hint = 省略できます。「自分のスマートフォン」のように、ほかと区別するための名前です。
passkeys-add = パスキーを追加
passkeys-unsupported = パスキーを追加するには、パスキーに対応し、スクリプトを実行できるブラウザーが必要です。
passkeys-failed = パスキーは作成されませんでした。このデバイスにはすでにこのアカウントのパスキーがあるかもしれません。もう一度試すか、別のデバイスをお使いください。
passkeys-not-added = パスキーを追加できませんでした。もう一度お試しください。
passkeys-full = このアカウントのパスキーは上限に達しています。追加する前に一つ削除してください。
passkeys-last = このパスキーがないと、サインインできなくなります。先に別のパスキーを追加するか、パスワードを設定してください。
passkeys-done-added = パスキーを追加しました。これからはこのパスキーでサインインできます。
passkeys-done-renamed = パスキーの名前を変更しました。
passkeys-done-removed = パスキーを削除しました。今後はサインインに使えません。デバイスにまだ表示される場合は、そこでも削除してください。
