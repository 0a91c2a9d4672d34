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
