# 应用所请求的内容，以及是否允许的问题。

consent-title = 允许 { $client } 吗？
consent-onward = 之后，您的浏览器将前往 { $place }。仅当您知道对方是谁时才允许。
consent-access = 访问 { $scope }
consent-presence = 知道您已登录
consent-targets = 它可以在以下位置使用这些权限：{ $resources }。
client-own = 它属于本网站的运营者。
client-known = 它由本网站的运营者注册。
client-asks-more = { $client } 还请求获得：
consent-before = 您之前已允许：
consent-lasting-days = 在您撤销之前，它会一直保有此访问权限，最长 { $days } 天。
consent-lasting-minutes = 它在 { $minutes } 分钟内拥有此访问权限。
consent-remembered = 只有当它请求更多权限时，才会再次询问您。
consent-each-time = 每次都会询问您。
stranger-registered = 此应用是自行注册的。此服务器的运营者没有核实过它背后是谁；名称是它自己取的。
stranger-described = 此应用由 { $host } 描述。此服务器的运营者没有核实过它背后是谁；名称是它自己取的。

scope-openid = 知道您是谁
scope-profile = 您的姓名和个人资料
scope-email = 您的电子邮件地址
scope-phone = 您的电话号码
scope-address = 您的邮寄地址
scope-offline_access = 在您离开时保持连接，直到访问权限被撤销

claim-name = 您的姓名
claim-given_name = 您的名字
claim-family_name = 您的姓氏
claim-middle_name = 您的中间名
claim-nickname = 您的昵称
claim-preferred_username = 您的用户名
claim-profile = 您的个人主页地址
claim-picture = 您的头像
claim-website = 您的网站
claim-gender = 您的性别
claim-birthdate = 您的出生日期
claim-zoneinfo = 您的时区
claim-locale = 您的语言
claim-updated_at = 您的个人资料最近一次更改的时间
claim-email = 您的电子邮件地址
claim-email_verified = 您的电子邮件地址是否经过核实
claim-phone_number = 您的电话号码
claim-phone_number_verified = 您的电话号码是否经过核实
claim-address = 您的邮寄地址
