# 密码、第二验证因素和邮箱地址，以及相关邮件。

login-forgot = 忘记密码？
login-sign-up = 创建账号
factor-title = 还差一步
factor-hint = 密码正确。现在请输入您的应用显示的验证码，或您的一个恢复代码。
factor-hint-elsewhere = 您已通过其他服务登录。现在请输入您的应用显示的验证码，或您的一个恢复代码。
factor-code = 验证码
factor-other = 重新开始
factor-wrong = 该验证码不正确或已被使用。请等待下一个验证码后重试。
factor-too-many =
    { $minutes ->
       *[other] 尝试的验证码过多。请在 { $minutes } 分钟后重试，或使用恢复代码。
    }
sign-up-title = 创建账号
sign-up-hint = 我们会给您发送一个链接，用来证明该邮箱属于您。之后您再设置密码。
sign-up-hint-passkey = 我们会给您发送一个链接，用来证明该邮箱属于您。之后您再创建通行密钥或设置密码。
sign-up-passkey = 使用通行密钥创建账号
sign-up-passkey-failed = 未创建通行密钥。请重试，或设置密码。
sign-up-has-account = 我已有账号
address-label = 邮箱地址
address-bad = 无法向该邮箱地址发送邮件。请再检查一遍。
address-other-domain = 该域名的邮箱地址不能在此创建账号。
send-link = 给我发送链接
forgot-title = 忘记密码？
forgot-hint = 我们会向您账号的邮箱发送一个链接，您可以用它设置新密码。
forgot-name = 用户名或邮箱地址
forgot-no-name = 请输入您的用户名或邮箱地址。
forgot-back = 返回登录
sent-title = 请查看您的邮箱
sent-why = 如果可以发送邮件，它已经在路上了。请点击其中的链接。
sent-nothing = 几分钟后仍未收到？请查看垃圾邮件，并确认您输入的内容正确。没有已确认邮箱的账号收不到邮件；本网站的运营者可以提供帮助。
choose-title = 设置新密码
choose-new-title = 设置密码
choose-for = 账号：{ $account }
choose-ends = 您将在所有地方退出登录。
choose-submit = 保存密码
choose-new-submit = 创建账号
password-new = 新密码
password-current = 当前密码
password-rules = 至少 8 个字符。几个别人不会放在一起的词，比数字和符号的花样更好。使用密码管理器则更好。
password-too-short = 密码太短。请至少输入 { $least } 个字符。
password-too-long = 密码太长。
password-weak-keyboard = 键盘上相邻的按键容易被猜到。
password-weak-repeats = 重复的内容容易被猜到。
password-weak-sequence = abc 或 6543 这样的序列容易被猜到。
password-weak-common = 很多人都在用这个密码，或非常相似的密码。
password-weak-date = 日期和年份容易被猜到。
password-weak-word = 单个词语或名字容易被猜到。
password-weak-other = 这个密码容易被猜到。它可能包含了太多您的姓名或地址。
password-weak-advice = 请再加一两个互不相关的词。
password-wrong = 当前密码不正确。请重试。
password-ends = 您在此处保持登录，在其他所有地方退出登录。
password-elsewhere = 您在别处登录，在此没有密码。
verify-done = 您的账号已就绪
verify-email-done = 您的邮箱地址已更改
verify-done-why = 请返回应用登录，或在此查看您的账号。
reset-done = 您的密码已更改
reset-done-why = 您已在所有地方退出登录。请返回应用，用新密码登录。如果旧密码可能被他人知道，也请查看您的账号。
finished-account = 查看我的账号
confirm-email-title = 确认您的新邮箱
confirm-email = 从现在起，{ $email } 将成为您账号的邮箱地址。
confirm-email-submit = 确认
error-link = 此链接已不能使用
error-link-why = 它已被使用、等待过久，或账号在此期间有所变化。
error-advice-link = 请在登录页面重新申请一个。
email-present = 您账号的邮箱地址是 { $email }。
email-hint = 我们会向新邮箱发送一个链接。您点击后更改才生效；旧邮箱会收到通知。
email-new = 新邮箱地址
email-elsewhere = 您的邮箱地址来自您登录的地方。请在那里更改。
factors-hint = 启用第二验证因素后，仅凭密码无法登录：还需要手机上的验证码。
factors-on = 第二验证因素已启用。
factors-off = 第二验证因素未启用。
factors-begin = 设置身份验证应用
factors-no-password = 第二验证因素需要与密码配合使用。您在此没有密码。
factors-left =
    { $left ->
        [0] 没有剩余的恢复代码。
       *[other] 还剩 { $left } 个恢复代码。
    }
factors-few = 请在需要之前生成新的恢复代码。
factors-renew = 生成新的恢复代码
factors-remove = 停用第二验证因素
enrol-scan = 请用手机上的身份验证应用扫描。
enrol-picture = 供身份验证应用使用的二维码
enrol-open = 或在本设备的应用中打开
enrol-type = 或在应用中输入此密钥：
enrol-code = 应用现在显示的验证码
enrol-submit = 启用
enrol-cancel = 取消
codes-title = 您的恢复代码
codes-why = 每个恢复代码可代替应用的验证码登录一次。请保存在没有手机也能找到的地方。
codes-once = 它们只显示这一次。旧的代码不再有效。
codes-kept = 我已保存
mail-ignore = 如果不是您本人操作，无需做任何事。
mail-sign-up-subject = 您在 { $site } 的账号
mail-sign-up = 有人想用此邮箱地址在 { $site } 创建账号。如果是您本人，请在一小时内点击此链接继续。
mail-sign-up-link = 创建账号
mail-there-subject = 您在 { $site } 的账号
mail-there = 有人想用此邮箱地址在 { $site } 开设账号。该邮箱已有账号。
mail-there-forgot = 如果是您本人，请直接登录。如果忘记了密码，可以在登录页面设置新密码。
mail-there-link = 登录
mail-not-there-subject = 在 { $site } 没有账号
mail-not-there = 有人为此邮箱地址在 { $site } 申请了新密码。该邮箱没有账号。如果是您本人，您可能是用另一个邮箱注册的。
mail-reset-subject = { $site } 的新密码
mail-reset = 有人忘记了您在 { $site } 的账号密码。如果是您本人，请在半小时内点击此链接并设置新密码。
mail-reset-link = 设置新密码
mail-email-subject = 您在 { $site } 的新邮箱
mail-email = 有人想把此邮箱设为其在 { $site } 的账号邮箱。如果是您本人，请在一小时内点击此链接。
mail-email-link = 确认邮箱
mail-news-subject = 您在 { $site } 的账号有变化
mail-news-link = 查看您的账号
mail-news-alarm = 如果不是您本人，可能有他人进入了您的账号。请立即设置新密码，并查看还有什么变化。
mail-password-changed = 您在 { $site } 的账号密码已更改。
mail-factor-added = 您在 { $site } 的账号已启用第二验证因素。
mail-factor-removed = 您在 { $site } 的账号已停用第二验证因素。
mail-recovery-renewed = 已为您在 { $site } 的账号生成新的恢复代码。
mail-recovery-used =
    { $left ->
        [0] 有人用您的最后一个恢复代码登录了。请生成新的代码。
       *[other] 有人用您的一个恢复代码登录了。还剩 { $left } 个。
    }
mail-email-changed = 您在 { $site } 的账号邮箱已更改。今后的邮件将发送到新邮箱。
account-email = 邮箱地址
account-email-words = 链接和有关账号的通知会发送到这里。
account-done-password = 密码已更改，您已在其他所有地方退出登录。
account-done-factor = 第二验证因素已停用。
account-done-email = 如果可以向该邮箱发送邮件，链接已在路上。您点击后邮箱才生效。
