# 複数のページで使う文章。

signed-in-as = { $user } としてサインインしています。
continue = 続ける
go-on = 進む
allow = 許可する
deny = 拒否する
list-separator = 、
place-computer = このコンピューター上のプログラム
place-app = このデバイス上のアプリ
client-asks = { $client } は次のことを求めています：
client-identifier = このサーバーでのこのアプリの識別子は { $id } です。
client-identifier-of = このサーバーでの { $client } の識別子は { $id } です。
too-many-attempts =
    { $minutes ->
        [1] 試行回数が多すぎます。1 分ほどおいてから、もう一度お試しください。
       *[other] 試行回数が多すぎます。{ $minutes } 分おいてから、もう一度お試しください。
    }
answer-title = { $client } に移動しています
answer-hint = 何も起こらない場合は、ボタンを押してください。
leaving-title = このサーバーから移動しますか？
leaving-heading = { $place } に進みますか？
leaving-why = あるアプリがお使いのブラウザーをここに送りましたが、その要求は誰かがサインインする前に終了しました。アプリはブラウザーを別の場所に送ろうとしています。
leaving-who = アプリは { $client } と名乗っています。自ら登録したもので、背後に誰がいるのかはここでは誰も確認していません。本当に使うつもりだった場合にのみ進んでください。そうでなければ、このページを閉じてください。
site-help = ヘルプ
site-privacy = プライバシー
site-terms = 利用規約
