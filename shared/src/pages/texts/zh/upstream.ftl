# 使用其他网站的帐户登录。

upstream-continue = 使用 { $provider } 继续
upstream-denied = { $provider } 没有让您登录,或者您在那里取消了操作。您可以再试一次。
upstream-failed = 使用 { $provider } 登录未成功。请再试一次;如果再次发生,请告知本网站的管理者。
upstream-unavailable = 目前无法连接 { $provider }。没有丢失任何内容:请稍等片刻,然后再试一次。
upstream-no-account = 这里没有帐户与您的 { $provider } 帐户相关联。请先用其他方式登录,然后在您的帐户页面上关联它。
upstream-address-known = 这里可能已经有使用您电子邮件地址的帐户。请用其他方式登录该帐户,然后在您的帐户页面上关联 { $provider }。
connections-intro = 您用来在此登录的其他网站帐户。要关联一个帐户,请在那里登录。
connections-none = 没有关联其他网站的帐户。
connections-since = 关联时间:{ $time }。
connections-remove = 取消关联
connections-add = 关联 { $provider }
connections-done-added = 已关联。从现在起您可以用它登录。
connections-done-removed = 已取消关联。您不能再用它登录。
connections-others = 这个 { $provider } 帐户已与这里的另一个帐户相关联,或者您关联的帐户过多。没有作任何更改。
connections-last = { $provider } 是您在此登录的唯一方式。请先设置另一种方式,例如通行密钥或密码。
