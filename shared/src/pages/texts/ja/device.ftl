# ブラウザーのないデバイス（RFC 8628）。

device-title = デバイスの接続
device-about = デバイスに表示されているコードを入力してください。
device-code = コード
device-problem-code = このコードで待っているデバイスはありません。デバイスの表示と見比べてください。合っている場合は、デバイスで最初からやり直してください。
device-problem-expired = このページは長く開かれたままでした。もう一度コードを送信してください。
device-question = デバイスを { $client } に接続しますか？
device-warning = ご自身で、目の前のデバイスで始めたことであり、そのデバイスにコード { $code } が表示されている場合にのみ進んでください。誰かがこのコードやこのページへのリンクを送ってきた場合は、拒否してください。その人があなたの名前で行動することになります。
device-connected = デバイスが接続されました
device-connected-next = 数秒後に、デバイスで { $client } が続きを行います。このページは閉じてかまいません。
device-denied = デバイスは接続されていません
device-denied-next = { $client } は何も受け取っていません。このページは閉じてかまいません。
