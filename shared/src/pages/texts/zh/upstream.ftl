# 使用其他网站的帐户登录。

upstream-continue = 使用 { $provider } 继续
upstream-denied = { $provider } 没有让您登录,或者您在那里取消了操作。您可以再试一次。
upstream-failed = 使用 { $provider } 登录未成功。请再试一次;如果再次发生,请告知本网站的管理者。
upstream-unavailable = 目前无法连接 { $provider }。没有丢失任何内容:请稍等片刻,然后再试一次。
upstream-no-account = 这里没有帐户与您的 { $provider } 帐户相关联。请先用其他方式登录,然后在您的帐户页面上关联它。
upstream-address-known = 这里可能已经有使用您电子邮件地址的帐户。请用其他方式登录该帐户,然后在您的帐户页面上关联 { $provider }。
