# 使用其他网站的账号登录。

upstream-continue = 使用 { $provider } 继续
upstream-denied = { $provider } 没有让您登录，或者您在那里取消了操作。您可以再试一次。
upstream-failed = 使用 { $provider } 登录未成功。请再试一次；如果再次发生，请告知本网站的运营者。
upstream-unavailable = 目前无法连接 { $provider }。没有丢失任何内容：请稍等片刻，然后再试一次。
upstream-no-account = 这里没有账号与您的 { $provider } 账号相关联。请先用其他方式登录，然后在您的账号页面上关联它。
upstream-address-known = 这里可能已经有使用您电子邮件地址的账号。请用其他方式登录该账号，然后在您的账号页面上关联 { $provider }。
connections-intro = 您用来在此登录的其他网站账号。要关联一个账号，请在那里登录。
connections-none = 没有关联其他网站的账号。
connections-since = 关联时间：{ $time }。
connections-remove = 取消关联
connections-add = 关联 { $provider }
connections-done-added = 已关联。从现在起您可以用它登录。
connections-done-removed = 已取消关联。您不能再用它登录。
connections-others = 这个 { $provider } 账号已与这里的另一个账号相关联，或者您关联的账号过多。没有作任何更改。
connections-last = { $provider } 是您在此登录的唯一方式。请先设置另一种方式，例如通行密钥或密码。
