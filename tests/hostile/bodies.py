"""Bodies that are too large, too slow, too deep, or not what they say."""
import json
import socket
import time

from town import OWN, Meanwhile

SLOW = 100
HOLD_S = 5


def routes(town):
    """Of all that take a body: method and path, a name for what is open."""
    described = town.ask("GET", "/api/v1/openapi.json").json
    found = []
    for path, methods in described["paths"].items():
        for method in methods:
            if method.upper() in ("POST", "PATCH", "DELETE"):
                whole = path if path.startswith("/api/") else "/api/v1" + path
                found.append((method.upper(), whole.replace("{id}", "1").replace("{name}", "sakura-town")))
    return found


def try_sizes(points, town):
    wrong = []
    listed = routes(town)
    for method, path in listed:
        for length in (70000, 1 << 31, 10 ** 10, 10 ** 30):
            said = town.say(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hinomi={town.token}\r\nContent-Type: application/json\r\n"
                            f"Content-Length: {length}\r\nConnection: close\r\n\r\n".encode() + b"{" * 1000, wait=5)
            # a length past all numbers is refused before anybody looks what it is for
            if not said.startswith(b"HTTP/1.1 413") or (b"application/problem+json" not in said and length < 1 << 64):
                wrong.append((method, path, length, said[:200]))
        said = town.say(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hinomi={town.token}\r\nContent-Type: application/json\r\n"
                        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nffffffff\r\n".encode() + b"a" * 1000, wait=5)
        if not said.startswith(b"HTTP/1.1 411"):
            wrong.append((method, path, "chunked", said[:200]))
    points.ok(len(listed) >= 10 and not wrong, f"bodies: {len(listed)} routes take none that is too long or of no length", *wrong[:5])


def try_forms(points, town):
    """Not what it should be: the answer is a problem, and nothing is done."""
    before = town.rows("select * from member order by id")
    bodies = [b"", b"null", b"[]", b"1", b'"x"', b"{", b'{"name":', b"{}" * 10, b"[" * 10000, b'{"a":' * 5000 + b"1" + b"}" * 5000,
              b'{"name":"\xff\xfe"}', b'{"name":"\\ud800"}', b'{"name":"\\u0000x"}', b'{"name":"a","name":"b"}', b'{"name":1e999}',
              b'{"name":{"a":[1,2,{"b":null}]}}', b'{"nobody":"knows"}', b'{"name":"' + b"x" * 50000 + b'"}', b"\x00" * 100,
              b'{"name":"x","prefixes":["0.0.0.0/0","::/0","nonsense","999.1.1.1/33"]}', b'{"__proto__":{"role":"operator"}}']
    wrong = []
    for body in bodies:
        for method, path in (("POST", "/api/v1/members"), ("PATCH", "/api/v1/members/nobody"), ("POST", "/api/v1/exceptions"),
                             ("POST", "/api/v1/accounts"), ("POST", "/api/v1/incidents/999999/ack"), ("POST", "/api/v1/session"),
                             ("POST", "/api/v1/session/link")):
            answer = town.ask(method, path, body, {"Content-Type": "application/json"}, token=None if "session" in path else OWN)
            if not 400 <= answer.status < 500 or not answer.headers["Content-Type"].startswith("application/problem+json"):
                wrong.append((method, path, body[:60], answer.status, answer.text[:200]))
    points.same(wrong[:5], [], f"bodies: {len(bodies)} that are wrong are a problem that is named")
    points.same(town.rows("select * from member order by id"), before, "bodies: of which nothing was done")


def try_slow(points, town):
    """Bodies that come byte by byte, many at once."""
    crowd = []
    with Meanwhile(town) as meanwhile:
        for i in range(SLOW):
            connection = town.connect(f"127.0.5.{1 + i % 10}")
            connection.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                               b"Content-Length: 2000\r\n\r\n{")
            crowd.append(connection)
        end = time.monotonic() + HOLD_S
        while time.monotonic() < end:
            for connection in crowd:
                try:
                    connection.send(b" ")
                except OSError:
                    pass
            time.sleep(0.5)
    meanwhile.judge(points, f"bodies: {SLOW} that come byte by byte", 1.0)
    for connection in crowd:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()


def try_bodies(points, town):
    try_sizes(points, town)
    try_forms(points, town)
    try_slow(points, town)
    answer = town.ask("POST", "/api/v1/members", json.dumps({"name": "beside", "prefixes": ["192.0.2.0/24"]}),
                      {"Content-Type": "application/json"})
    points.ok(answer.status in (200, 201), "bodies: after which a good one is taken", answer.status, answer.text)
