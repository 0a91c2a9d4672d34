# 没有浏览器的设备（RFC 8628）。

device-title = 连接设备
device-about = 请输入设备上显示的代码。
device-code = 代码
device-problem-code = 没有设备在等待此代码。请与设备上的代码核对；如果一致，请在设备上重新开始。
device-problem-expired = 此页面打开的时间过长。请再次发送代码。
device-question = 将设备连接到 { $client } 吗？
device-warning = 仅当这是您自己在面前的设备上发起的，并且设备显示代码 { $code } 时才继续。如果是别人把此代码或此页面的链接发给您的，请拒绝：对方会以您的名义行事。
device-connected = 设备已连接
device-connected-next = { $client } 将在几秒后在设备上继续。您可以关闭此页面。
device-denied = 设备未连接
device-denied-next = { $client } 没有获得任何权限。您可以关闭此页面。
