# パスワード、二要素認証、メールアドレス、およびそれらに関するメール。

login-forgot = パスワードをお忘れですか？
login-sign-up = アカウントを作成
factor-title = あと一歩です
factor-hint = パスワードは正しいです。次に、アプリに表示されているコード、またはリカバリーコードのひとつを入力してください。
factor-hint-elsewhere = ほかのサービスでのサインインが完了しました。次に、アプリに表示されているコード、またはリカバリーコードのひとつを入力してください。
factor-code = コード
factor-other = 最初からやり直す
factor-wrong = このコードは正しくないか、すでに使われています。次のコードを待って、もう一度お試しください。
factor-too-many =
    { $minutes ->
       *[other] コードの入力が多すぎます。{ $minutes } 分後にもう一度試すか、リカバリーコードを使ってください。
    }
sign-up-title = アカウントを作成
sign-up-hint = アドレスがご本人のものであることを確かめるリンクを送ります。その後でパスワードを決めます。
sign-up-hint-passkey = アドレスがご本人のものであることを確かめるリンクを送ります。その後でパスキーを作成するか、パスワードを決めます。
sign-up-passkey = パスキーでアカウントを作成
sign-up-passkey-failed = パスキーは作成されませんでした。もう一度試すか、パスワードを決めてください。
sign-up-has-account = アカウントを持っています
address-label = メールアドレス
address-bad = このアドレスにはメールを送れません。もう一度ご確認ください。
address-other-domain = このドメインのアドレスでは、ここでアカウントを作成できません。
send-link = リンクを送る
forgot-title = パスワードをお忘れですか？
forgot-hint = アカウントのアドレスにリンクを送ります。そのリンクで新しいパスワードを決めます。
forgot-name = ユーザー名またはメールアドレス
forgot-no-name = ユーザー名またはメールアドレスを入力してください。
forgot-back = サインインに戻る
sent-title = メールをご確認ください
sent-why = メールを送れる場合は、まもなく届きます。その中のリンクを開いてください。
sent-nothing = 数分たっても届きませんか？迷惑メールの中と、入力した内容をご確認ください。確認済みのメールアドレスがないアカウントにはメールは届きません。このサイトの運営者にご相談ください。
choose-title = 新しいパスワードを決める
choose-new-title = パスワードを決める
choose-for = { $account } 用
choose-ends = すべての場所でサインアウトされます。
choose-submit = パスワードを保存
choose-new-submit = アカウントを作成
password-new = 新しいパスワード
password-current = 現在のパスワード
password-rules = 8 文字以上。数字や記号の工夫より、ほかの人が組み合わせないいくつかの言葉のほうが安全です。パスワードマネージャーならさらに安全です。
password-too-short = このパスワードは短すぎます。{ $least } 文字以上にしてください。
password-too-long = このパスワードは長すぎます。
password-weak-keyboard = 隣り合ったキーは推測されやすいです。
password-weak-repeats = 繰り返しは推測されやすいです。
password-weak-sequence = abc や 6543 のような並びは推測されやすいです。
password-weak-common = このパスワード、またはよく似たものを多くの人が使っています。
password-weak-date = 日付や年は推測されやすいです。
password-weak-word = ひとつだけの言葉や名前は推測されやすいです。
password-weak-other = このパスワードは推測されやすいです。氏名やアドレスが多く含まれているかもしれません。
password-weak-advice = 互いに関係のない言葉を 1 つか 2 つ足してください。
password-wrong = 現在のパスワードが正しくありません。もう一度お試しください。
password-ends = ここではサインインしたままで、ほかのすべての場所ではサインアウトされます。
password-elsewhere = 別の場所でサインインしているため、ここにはパスワードがありません。
verify-done = アカウントの準備ができました
verify-email-done = メールアドレスを変更しました
verify-done-why = アプリに戻ってサインインするか、ここでアカウントをご覧ください。
reset-done = パスワードを変更しました
reset-done-why = すべての場所でサインアウトしました。アプリに戻り、新しいパスワードでサインインしてください。古いパスワードを誰かに知られたおそれがあるときは、アカウントもご確認ください。
finished-account = アカウントを見る
confirm-email-title = 新しいアドレスの確認
confirm-email = 今後は { $email } がアカウントのアドレスになります。
confirm-email-submit = 確認
error-link = このリンクはもう使えません
error-link-why = すでに使われたか、時間がたちすぎたか、その後アカウントに変更がありました。
error-advice-link = サインインの画面で新しいリンクを請求してください。
email-present = アカウントのアドレスは { $email } です。
email-hint = 新しいアドレスにリンクを送ります。リンクを開くと変更が有効になり、古いアドレスにもお知らせします。
email-new = 新しいメールアドレス
email-elsewhere = アドレスはサインイン元のものです。そちらで変更してください。
factors-hint = 二要素認証をオンにすると、パスワードだけではサインインできません。スマートフォンに表示されるコードも必要になります。
factors-on = 二要素認証はオンです。
factors-off = 二要素認証はオフです。
factors-begin = 認証アプリを設定する
factors-no-password = 二要素認証はパスワードと組み合わせて使います。ここにはパスワードがありません。
factors-left =
    { $left ->
        [0] リカバリーコードは残っていません。
       *[other] リカバリーコードが { $left } 個残っています。
    }
factors-few = 必要になる前に、新しいリカバリーコードを作成してください。
factors-renew = 新しいリカバリーコードを作成
factors-remove = 二要素認証をオフにする
enrol-scan = スマートフォンの認証アプリでこれを読み取ってください。
enrol-picture = 認証アプリ用の QR コード
enrol-open = またはこのデバイスのアプリで開く
enrol-type = またはこのキーをアプリに入力してください：
enrol-code = アプリに今表示されているコード
enrol-submit = オンにする
enrol-cancel = キャンセル
codes-title = リカバリーコード
codes-why = それぞれ一度だけ、アプリのコードの代わりにサインインに使えます。スマートフォンがなくても見つかる場所に保管してください。
codes-once = 表示されるのは今回だけです。古いコードは無効になりました。
codes-kept = 保管しました
mail-ignore = お心当たりがなければ、何もする必要はありません。
mail-sign-up-subject = { $site } のアカウント
mail-sign-up = このメールアドレスで { $site } のアカウントを作成しようとした人がいます。ご本人であれば、1 時間以内にこのリンクを開いて続けてください。
mail-sign-up-link = アカウントを作成
mail-there-subject = { $site } のアカウント
mail-there = このメールアドレスを { $site } のアカウントに使おうとした人がいます。このアドレスのアカウントはすでにあります。
mail-there-forgot = ご本人であれば、そのままサインインしてください。パスワードを忘れた場合は、サインインの画面で新しいものを決められます。
mail-there-link = サインイン
mail-not-there-subject = { $site } にアカウントがありません
mail-not-there = このメールアドレスについて { $site } で新しいパスワードの請求がありました。このアドレスのアカウントはありません。ご本人であれば、別のアドレスで登録したのかもしれません。
mail-reset-subject = { $site } の新しいパスワード
mail-reset = { $site } のアカウントのパスワードを忘れたという請求がありました。ご本人であれば、30 分以内にこのリンクを開いて新しいものを決めてください。
mail-reset-link = 新しいパスワードを決める
mail-email-subject = { $site } の新しいアドレス
mail-email = このアドレスを { $site } の自分のアカウントのアドレスにしようとした人がいます。ご本人であれば、1 時間以内にこのリンクを開いてください。
mail-email-link = アドレスを確認
mail-news-subject = { $site } のアカウントが変更されました
mail-news-link = アカウントを見る
mail-news-alarm = お心当たりがなければ、ほかの人がアカウントに入っているかもしれません。すぐに新しいパスワードを決め、ほかに変更がないかご確認ください。
mail-password-changed = { $site } のアカウントのパスワードが変更されました。
mail-factor-added = { $site } のアカウントの二要素認証がオンになりました。
mail-factor-removed = { $site } のアカウントの二要素認証がオフになりました。
mail-recovery-renewed = { $site } のアカウントの新しいリカバリーコードが作成されました。
mail-recovery-used =
    { $left ->
        [0] 最後のリカバリーコードでサインインがありました。新しいコードを作成してください。
       *[other] リカバリーコードのひとつでサインインがありました。残りは { $left } 個です。
    }
mail-email-changed = { $site } のアカウントのメールアドレスが変更されました。今後のメールは新しいアドレスに届きます。
account-email = メールアドレス
account-email-words = リンクやアカウントに関するお知らせの送り先です。
account-done-password = パスワードを変更し、ほかのすべての場所でサインアウトしました。
account-done-factor = 二要素認証をオフにしました。
account-done-email = そのアドレスにメールを送れる場合は、まもなくリンクが届きます。開くとアドレスが有効になります。
