"""Paths and lines that lead nowhere."""
LONG = "a" * 3000

# What is asked for, and the statuses that are right; no answer at all (0) is right where it is no HTTP.
ROWS = [
    ("/..", {404}), ("/../../../../etc/passwd", {404}), ("/..%2f..%2f..%2fetc%2fpasswd", {404}), ("/%2e%2e/%2e%2e/etc/passwd", {404}),
    ("/assets/..%2f..%2fstation.db", {404}), ("/assets/../station.yaml", {404}), ("/assets/%2e%2e%2fkeys", {404}),
    ("/assets//etc/passwd", {404}), ("/assets/", {404}), ("/assets", {404}), ("/assets/main.js", {404}), ("/assets/%00", {404}),
    ("/assets/main-%0d%0aSet-Cookie:x", {404}), ("/assets/%ff%fe", {404}), ("/assets/%c0%ae%c0%ae%2f", {404}),
    ("//", {404}), ("//evil.example/", {404}), ("///", {404}), ("/./", {404}), ("/index.html", {404}), ("/station.db", {404}),
    ("/keys/answers.key", {404}), ("/.git/config", {404}), ("/favicon.svg/", {404}), ("/%66avicon.svg", {404}),
    ("/favicon.svg%00", {404}), ("/\\..\\..\\windows\\win.ini", {404}), ("/" + LONG, {404, 414, 431}), ("/?" + LONG, {200, 414, 431}),
    ("/metrics", {404}), ("/heartbeat/north", {404}),
    ("/api", {404}), ("/api/", {404}), ("/api/v1", {404}), ("/api/v1/", {404}), ("/api/v2/session", {404}), ("/API/v1/session", {404}),
    ("/api/v1/../v1/session", {404}), ("/api/v1//session", {404}), ("/api/v1/session/", {404}), ("/api/v1/%73ession", {404}),
    ("/api/v1/incidents/%2e%2e%2fsession", {404}), ("/api/v1/incidents/1%00", {404}), ("/api/v1/incidents/-1", {404}),
    ("/api/v1/incidents/0", {404}), ("/api/v1/incidents/99999999999999999999", {404}), ("/api/v1/incidents/1e0", {404}),
    ("/api/v1/incidents/01", {404, 200}), ("/api/v1/incidents/1;drop table incident", {404, 400}),
    ("/api/v1/incidents/1'%20or%20'1'='1", {404}), ("/api/v1/members/..%2f..%2f", {404}), ("/api/v1/members/%e2%80%ae", {404}),
    ("/api/v1/members/" + LONG, {404, 414, 431}),
    ("/api/v1/incidents?limit=0", {400}), ("/api/v1/incidents?limit=501", {400}), ("/api/v1/incidents?limit=-1", {400}),
    ("/api/v1/incidents?limit=1&limit=2", {400}), ("/api/v1/incidents?limit=%00", {400}), ("/api/v1/incidents?limit", {400}),
    ("/api/v1/incidents?after=" + LONG, {400, 414, 431}), ("/api/v1/incidents?after=../../x", {400}), ("/api/v1/incidents?nobody=1", {400}),
    ("/api/v1/incidents?member=%ff", {400}), ("/api/v1/incidents?subject=%27%20or%201=1", {400}), ("/api/v1/incidents?", {200}),
    ("/api/v1/incidents?format=../../../etc/passwd", {400}), ("/api/v1/search?q=%00", {400}), ("/api/v1/search?q=" + "%27" * 20, {200, 400}),
    ("/a/", {404}), ("/a/..%2f", {404}),
]
METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "GET\t", "G" * 4000]
LINES = [
    (b"GET / HTTP/1.1\r\n\r\n", "without a host"), (b"GET /\r\n\r\n", "HTTP/0.9"), (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", "a version of nobody"),
    (b"GET /station.db\0 HTTP/1.1\r\nHost: a\r\n\r\n", "a NUL"), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512), "TLS"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(64), "HTTP/2"), (b"\r\n" * 5000, "5,000 empty lines"), (b"A" * 100000, "a line without end"),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"A: b\r\n" * 20000 + b"\r\n", "20,000 headers"),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100000 + b"\r\n\r\n", "100 kB of a header"),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hinomi=" + b"a" * 40000 + b"\r\n\r\n", "40 kB of a cookie"),
    (b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", "a whole URL"),
    (b"GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "an asterisk"),
    (b"GET / HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\n\n0\n\nGET /api/v1/session HTTP/1.1\nHost: a\n\n", "lines without CR"),
    (b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
     b"GET /api/v1/session HTTP/1.1\r\nHost: a\r\n\r\n", "one request within another"),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30\r\n\r\nGET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n",
     "a body of a page that is a request"),
]


def is_problem(answer):
    """RFC 9457: what is refused of the API says so in JSON, to programs."""
    return answer.headers.get("Content-Type", "").startswith("application/problem+json") and answer.json["status"] == answer.status \
        and answer.json["detail"] != ""


def try_paths(points, town):
    wrong = []
    for path, statuses in ROWS:
        answer = town.ask("GET", path.replace(" ", "%20"))
        if answer.status not in statuses or (path.startswith("/api/") and answer.status >= 400 and answer.status not in (414, 431)
                                             and not is_problem(answer)):
            wrong.append((path[:100], answer.status, answer.text[:200]))
        if any(word in answer.text for word in ("root:", "SQLite format", str(town.folder), "sqlite")):
            wrong.append((path[:100], "tells of what is here", answer.text[:200]))
    points.same(wrong, [], f"paths: {len(ROWS)} of them lead where they should, or nowhere")
    wrong = []
    for method in METHODS:
        said = town.say(f"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        if not (said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5", b"HTTP/1.0 4"))):
            wrong.append((method[:20], said[:200]))
    points.same(wrong, [], "paths: methods that nothing here has are refused")
    wrong = []
    for data, name in LINES:
        said = town.say(data, wait=1)
        # nothing of it is taken, nor what follows a refusal as a request of its own
        if b"HTTP/1.1 2" in said or b"HTTP/1.0 2" in said:
            wrong.append((name, said[:300]))
    points.same(wrong, [], f"paths: {len(LINES)} things that are no request are none")
    points.same(town.ask("GET", "/").status, 200, "paths: after which the page is there")
