# 使用密码登录，以及选择账号。

login-title = 登录
login-continue = 以继续使用 { $client }
login-device = 以连接显示 { $code } 的设备
login-username = 用户名
login-password = 密码
login-submit = 登录
login-or = 或
login-site = 在 { $host } 登录
login-problem-credentials = 用户名或密码不正确。请重试。
login-problem-expired = 此页面打开的时间过长。请重新登录。
chooser-title = 选择账号
chooser-continue = 以 { $user } 的身份继续
chooser-other = 使用其他账号
stronger-title = 需要更安全的登录方式
stronger-why = { $client } 要求比您当前的登录更高的安全级别。
stronger-set-up = 您可以现在设置，然后继续。
stronger-again = 使用通行密钥或第二验证因素登录
stronger-passkey = 创建通行密钥
stronger-factor = 设置第二验证因素
stronger-leave = 不设置，返回 { $client }
login-stronger-passkey = { $client } 请您使用通行密钥登录。
login-stronger-factor = { $client } 要求使用通行密钥，或在密码之外使用第二验证因素。
login-stronger-code = { $client } 要求在密码之外使用第二验证因素。
onward-why = { $client } 要求更安全的登录方式。请在此设置，然后继续。
onward-link = 继续前往 { $client }
