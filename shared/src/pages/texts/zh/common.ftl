# 多个页面共用的文字。

signed-in-as = 您已登录为 { $user }。
continue = 继续
go-on = 继续前往
allow = 允许
deny = 拒绝
list-separator = 、
place-computer = 此电脑上的某个程序
place-app = 此设备上的某个应用
client-asks = { $client } 请求获得：
client-identifier = 该应用在此处的标识符是 { $id }。
client-identifier-of = { $client } 在此处的标识符是 { $id }。
too-many-attempts =
    { $minutes ->
        [1] 尝试次数过多。请在一分钟后重试。
       *[other] 尝试次数过多。请在 { $minutes } 分钟后重试。
    }
answer-title = 正在前往 { $client }
answer-hint = 如果页面没有变化，请点击按钮。
leaving-title = 离开此服务器？
leaving-heading = 继续前往 { $place }？
leaving-why = 某个应用把您的浏览器带到了这里，而它的请求在有人登录之前就已结束。它希望把您的浏览器带往别处。
leaving-who = 它自称 { $client }。它是自行注册的，这里没有人核实过它背后是谁。仅当您确实想使用它时才继续；否则请关闭此页面。
site-help = 帮助
site-privacy = 隐私
site-terms = 使用条款
