"""Tokens that nobody was given, and posts from pages of others."""
import base64
import hashlib
import os

PATHS = ("/api/v1/session", "/api/v1/incidents", "/api/v1/now", "/api/v1/accounts", "/api/v1/audit", "/api/v1/events")


def changed(token, at):
    """With another letter there."""
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]


def try_tokens(points, town):
    good = town.token
    stored = [row["token_hash"] for row in town.rows("select token_hash from session")]
    link = town.ask("POST", "/api/v1/accounts/wall/link", {})
    tokens = {
        "none": None, "empty": "", "zeros": "0" * 43, "random": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="),
        "first letter": changed(good, 0), "middle": changed(good, 20), "cut": good[:-1], "longer": good + "A", "twice": good + good,
        "another case": good.swapcase(), "in quotes": f'"{good}"', "escaped": "%" + good[1:], "8 kB": "A" * 8000,
        "a stored hash": stored[0], "its own hash": hashlib.sha256(good.encode()).hexdigest(), "SQL": "' or '1'='1", "path": "../../keys",
        "a link": link.json["token"] if link.status in (200, 201) else "x", "JSON": '{"role":"operator"}',
        "no signature": "eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3BlcmF0b3IifQ."}
    wrong = []
    for name, token in tokens.items():
        for path in PATHS:
            for way in ("cookie", "bearer"):
                headers = {"Authorization": f"Bearer {token}"} if way == "bearer" and token is not None else {}
                answer = town.ask("GET", path, token=token if way == "cookie" else None, headers=headers)
                if answer.status not in (401, 400, 431, 413):
                    wrong.append((name, path, way, answer.status, answer.text[:100]))
    points.same(wrong[:5], [], f"forgeries: {len(tokens)} tokens that were given to nobody open nothing")
    twice = town.ask("GET", "/api/v1/session", token=None, headers={"Cookie": f"hinomi={good}; hinomi={changed(good, 3)}"})
    points.same(twice.status, 401, "forgeries: two cookies are none")
    points.same(town.ask("GET", "/api/v1/session").status, 200, "forgeries: the one that was given opens")


def try_sites(points, town):
    """What pages of others can make a browser send, were there no SameSite."""
    port = town.port
    count = "select count(*) from member"
    before = town.rows(count)
    rows = {
        "another site": ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        "another site that only says where it is": ({"Origin": "https://evil.example"}, 403),
        "a sister": ({"Sec-Fetch-Site": "same-site"}, 403), "another port": ({"Origin": f"http://127.0.0.1:{port + 1}"}, 403),
        "the same by https": ({"Origin": f"https://127.0.0.1:{port}"}, 403),
        "no origin, from another site": ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415), "plain text": ({"Content-Type": "text/plain"}, 415),
        "parts": ({"Content-Type": "multipart/form-data; boundary=x"}, 415), "no type": ({"Content-Type": None}, 415),
        "a longer type": ({"Content-Type": "application/jsonp"}, 415), "two in one": ({"Content-Type": "text/plain, application/json"}, 415),
        "a name that leads here": ({"Host": "evil.example"}, 421), "with its port": ({"Host": f"evil.example:{port}"}, 421),
        "like an address": ({"Host": "127.0.0.1.evil.example"}, 421),
        "a name that leads here, and its page": ({"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 421)}
    wrong = []
    for name, (headers, status) in rows.items():
        for method, path in (("POST", "/api/v1/members"), ("PATCH", "/api/v1/members/sakura-town"), ("POST", "/api/v1/session"),
                             ("POST", "/api/v1/accounts"), ("POST", "/api/v1/incidents/1/ack"), ("POST", "/api/v1/canary")):
            answer = town.ask(method, path, {"name": "theirs", "prefixes": ["192.0.2.0/24"]}, headers)
            if answer.status != status or "Set-Cookie" in answer.headers:
                wrong.append((name, method, path, answer.status, answer.text[:150]))
    points.same(wrong[:5], [], f"forgeries: {len(rows)} posts from elsewhere are refused")
    points.same(town.rows(count), before, "forgeries: and do nothing")
    read = town.ask("GET", "/api/v1/incidents", headers={"Host": "evil.example"})
    points.same(read.status, 421, "forgeries: by a name that leads here nothing is read either")
    plain = town.ask("OPTIONS", "/api/v1/members", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    answers = [plain, town.ask("GET", "/api/v1/incidents", headers={"Origin": "https://evil.example"}), town.ask("GET", "/")]
    points.same([name for answer in answers for name in answer.headers if name.lower().startswith("access-control-")], [],
                "forgeries: no page of others is told that it may")
    points.ok(all("frame-ancestors 'none'" in answer.headers["Content-Security-Policy"] for answer in answers),
              "forgeries: and none may show this one in a frame")


def try_forgeries(points, town):
    try_tokens(points, town)
    try_sites(points, town)
