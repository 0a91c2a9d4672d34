# What a client asks for, in words, and the question whether it may have it.

consent-title = Allow { $client }?
consent-onward = Afterwards your browser goes on to { $place }. Allow this only if you know who that is.
consent-access = access to { $scope }
consent-presence = to know that you are signed in
consent-targets = It may use this at { $resources }.
client-own = It belongs to the people who run this site.
client-known = The people who run this site registered it.
client-asks-more = { $client } asks for more:
consent-before = You allowed this before:
consent-lasting-days =
    { $days ->
        [one] It keeps this access until you withdraw it, and for { $days } day at most.
       *[other] It keeps this access until you withdraw it, and for { $days } days at most.
    }
consent-lasting-minutes =
    { $minutes ->
        [one] It has this access for { $minutes } minute.
       *[other] It has this access for { $minutes } minutes.
    }
consent-remembered = You are asked again only if it wants more.
consent-each-time = You are asked each time.
stranger-registered = This application registered itself. Nobody who runs this server has checked who is behind it; the name is what it calls itself.
stranger-described = This application is described by { $host }. Nobody who runs this server has checked who is behind it; the name is what it calls itself.

# The scopes that every server has. Each line answers “what for?”.
scope-openid = to know who you are
scope-profile = your name and profile
scope-email = your e-mail address
scope-phone = your phone number
scope-address = your postal address
scope-offline_access = to stay connected while you are away, until the access is withdrawn

# Claims that are asked for one by one (OpenID Connect Core section 5.1).
claim-name = your name
claim-given_name = your given name
claim-family_name = your family name
claim-middle_name = your middle name
claim-nickname = your nickname
claim-preferred_username = your user name
claim-profile = the address of your profile page
claim-picture = your picture
claim-website = your website
claim-gender = your gender
claim-birthdate = your date of birth
claim-zoneinfo = your time zone
claim-locale = your language
claim-updated_at = when your profile was changed last
claim-email = your e-mail address
claim-email_verified = whether your e-mail address was checked
claim-phone_number = your phone number
claim-phone_number_verified = whether your phone number was checked
claim-address = your postal address
