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
