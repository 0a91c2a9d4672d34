# パスワードでのサインインと、アカウントの選択。

login-title = サインイン
login-continue = { $client } を続けるため
login-device = { $code } を表示しているデバイスを接続するため
login-username = ユーザー名
login-password = パスワード
login-submit = サインイン
login-or = または
login-site = { $host } でサインイン
login-problem-credentials = ユーザー名またはパスワードが正しくありません。もう一度お試しください。
login-problem-expired = このページは長く開かれたままでした。もう一度サインインしてください。
chooser-title = アカウントの選択
chooser-continue = { $user } として続ける
chooser-other = 別のアカウントを使う
stronger-title = より安全なサインインが必要です
stronger-why = { $client } は、現在のサインインより高い安全性を求めています。
stronger-set-up = 今ここで設定してから、先に進めます。
stronger-again = パスキーまたは二要素認証でサインイン
stronger-passkey = パスキーを作成
stronger-factor = 二要素認証を設定
stronger-leave = 設定せずに { $client } に戻る
login-stronger-passkey = { $client } はパスキーでのサインインを求めています。
login-stronger-factor = { $client } はパスキー、またはパスワードに加えて二要素認証を求めています。
login-stronger-code = { $client } はパスワードに加えて二要素認証を求めています。
onward-why = { $client } はより安全なサインインを求めています。ここで設定してから、先に進んでください。
onward-link = { $client } に進む
