# 使用通行密钥登录，以及账号的通行密钥。

passkey-login-submit = 使用通行密钥登录
passkey-login-failed = 没有使用通行密钥。请重试，或以其他方式登录。
passkey-login-problem = 现在无法使用此通行密钥登录。请重试，或以其他方式登录。
passkeys-intro = 通行密钥让您通过设备自身的解锁方式登录：指纹、面容或 PIN。它无法被猜到，其他网站也无法使用它。
passkeys-none = 您还没有通行密钥。
passkeys-unnamed = { $date } 的通行密钥
passkeys-synced = 保存在多处
passkeys-added = 添加时间：{ $time }。
passkeys-used = 上次使用：{ $time }。
passkeys-unused = 尚未使用。
passkeys-change = 重命名或移除
passkeys-name = 名称
passkeys-rename = 保存名称
passkeys-remove = 移除此通行密钥
passkeys-name-new = 新通行密钥的名称
passkeys-name-hint = 可选。用于区分多个通行密钥，例如“我的手机”。
passkeys-add = 添加通行密钥
passkeys-unsupported = 要添加通行密钥，需要支持通行密钥并运行脚本的浏览器。
passkeys-failed = 没有创建通行密钥。此设备可能已有此账号的通行密钥。请重试，或使用其他设备。
passkeys-not-added = 无法添加通行密钥。请重试。
passkeys-full = 您的通行密钥数量已达到账号上限。请先移除一个，再添加新的。
passkeys-last = 没有此通行密钥，您将无法再登录。请先添加另一个，或设置密码。
passkeys-done-added = 通行密钥已添加。从现在起您可以用它登录。
passkeys-done-renamed = 通行密钥已重命名。
passkeys-done-removed = 通行密钥已移除，无法再用于登录。您的设备可能仍显示它：请在设备上也将其删除。
