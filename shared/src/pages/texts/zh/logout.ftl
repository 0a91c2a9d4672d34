# 退出登录。

logout-title = 退出登录？
logout-user = 您在此处登录为 { $user }。
logout-client = { $client } 请求让您在此处也退出登录。您用此次登录打开的其他应用也可能会让您退出。
logout-alone = 您用此次登录打开的应用也可能会让您退出。
logout-onward = 之后，您的浏览器将前往 { $place }。
logout-submit = 退出登录
logout-stay = 保持登录
signed-in-title = 仍处于登录状态
signed-in-heading = 您仍处于登录状态
signed-in-alone = 没有任何更改。您可以关闭此页面。
signed-in-client = 此处没有任何更改；{ $client } 可能已结束它自己的登录。您可以关闭此页面。
signed-out-title = 已退出登录
signed-out-heading = 您已退出登录
signed-out-alone = 此浏览器中已没有人在此处登录。您可以关闭此页面。
signed-out-client = 此浏览器中已没有人在此处登录。您可以返回 { $client }，或关闭此页面。
signed-out-next = 一个在此处自行注册的应用希望把您的浏览器带往 { $place }。这里没有人核实过它背后是谁。仅当您确实想使用它时才继续。
