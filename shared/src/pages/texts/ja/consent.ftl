# アプリが求める内容と、それを許可するかどうかの確認。

consent-title = { $client } に許可しますか？
consent-onward = その後、ブラウザーは { $place } に進みます。相手が誰なのかご存じの場合にのみ許可してください。
consent-access = { $scope } へのアクセス
consent-presence = サインインしていることを知る
consent-targets = アプリはこれを { $resources } で使用できます。
client-own = このサイトの運営者のアプリです。
client-known = このサイトの運営者が登録したアプリです。
client-asks-more = { $client } はさらに次のことを求めています：
consent-before = すでに許可した内容：
consent-lasting-days = 取り消されるまで、最長 { $days } 日間このアクセスが続きます。
consent-lasting-minutes = このアクセスは { $minutes } 分間有効です。
consent-remembered = アプリがさらに求めた場合にのみ、再び確認します。
consent-each-time = 毎回確認します。
stranger-registered = このアプリは自ら登録したものです。このサーバーの運営者は、背後に誰がいるのかを確認していません。名前はアプリが自ら名乗っているものです。
stranger-described = このアプリは { $host } によって説明されています。このサーバーの運営者は、背後に誰がいるのかを確認していません。名前はアプリが自ら名乗っているものです。

scope-openid = あなたが誰であるかを知る
scope-profile = 氏名とプロフィール
scope-email = メールアドレス
scope-phone = 電話番号
scope-address = 住所
scope-offline_access = アクセスが取り消されるまで、不在の間も接続を保つ

claim-name = 氏名
claim-given_name = 名
claim-family_name = 姓
claim-middle_name = ミドルネーム
claim-nickname = ニックネーム
claim-preferred_username = ユーザー名
claim-profile = プロフィールページのアドレス
claim-picture = 画像
claim-website = ウェブサイト
claim-gender = 性別
claim-birthdate = 生年月日
claim-zoneinfo = タイムゾーン
claim-locale = 言語
claim-updated_at = プロフィールが最後に変更された日時
claim-email = メールアドレス
claim-email_verified = メールアドレスが確認済みかどうか
claim-phone_number = 電話番号
claim-phone_number_verified = 電話番号が確認済みかどうか
claim-address = 住所
