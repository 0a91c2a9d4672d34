# サインアウト。

logout-title = サインアウトしますか？
logout-user = ここでは { $user } としてサインインしています。
logout-client = { $client } が、ここでもサインアウトすることを求めています。このサインインで開いたほかのアプリからも、サインアウトされることがあります。
logout-alone = このサインインで開いたアプリからも、サインアウトされることがあります。
logout-onward = その後、ブラウザーは { $place } に進みます。
logout-submit = サインアウト
logout-stay = サインインしたままにする
signed-in-title = サインイン中
signed-in-heading = サインインしたままです
signed-in-alone = 何も変更されていません。このページは閉じてかまいません。
signed-in-client = ここでは何も変更されていません。{ $client } は自らのサインインを終了したかもしれません。このページは閉じてかまいません。
signed-out-title = サインアウトしました
signed-out-heading = サインアウトしました
signed-out-alone = このブラウザーでは、もう誰もここにサインインしていません。このページは閉じてかまいません。
signed-out-client = このブラウザーでは、もう誰もここにサインインしていません。{ $client } に戻るか、このページを閉じてください。
signed-out-next = ここに自ら登録したアプリが、ブラウザーを { $place } に進ませようとしています。背後に誰がいるのかは、ここでは誰も確認していません。本当に使うつもりだった場合にのみ進んでください。
