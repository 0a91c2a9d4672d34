"""What a site in Python adds so that its users can log in elsewhere, through Grantlet. Needs nothing but the standard library."""

import base64, hmac, json, os, secrets, sys, time, urllib.parse

SITE = os.environ.get("SITE_URL", "http://localhost:8080")
GRANTLET = os.environ.get("GRANTLET_ISSUER", "http://localhost:9000")
SECRET = os.environ.get("GRANTLET_SITE_SECRET", "")


# [connect]
def hand_over(user, challenge, state):
    """Where to send the browser of a user who has logged in: Grantlet's one fixed address, with a JWT."""
    now = int(time.time())
    claims = {"iss": SITE, "aud": GRANTLET, "sub": user["id"], "nonce": challenge, "jti": secrets.token_urlsafe(16), "iat": now,
              "exp": now + 60, "auth_time": user["auth_time"], "sid": user["sid"], "name": user["name"], "email": user["email"]}
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    header = {"alg": "HS256", "typ": "grantlet-login+jwt"}
    body = b".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    token = body + b"." + encode(hmac.digest(SECRET.encode(), body, "sha256"))
    return f"{GRANTLET}/login/site?" + urllib.parse.urlencode({"token": token.decode(), "state": state})
# [/connect]


if __name__ == "__main__":
    print(hand_over({"id": "ada", "auth_time": int(time.time()), "sid": "1", "name": "Ada Lovelace", "email": "ada@site.example"}, *sys.argv[1:3]))
