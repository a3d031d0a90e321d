"""Somebody who looks at the page of a station that is killed: what is shown is whole, is in the database, and comes back."""
import base64
import collections
import hashlib
import http.client
import json
import os
import threading
import time

PORT = 8480
EVERY_S = 0.05
PATIENCE_S = 10
AGAIN_S = 30
PATHS = ["/api/v1/incidents?limit=100", "/api/v1/now", "/"]


def sign_in(station):
    """The token of an operator's session."""
    token = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    now_us = time.time_ns() // 1000
    station.write([
        ("insert into account (name, role, language, created_us, changed_us, failures, disabled)"
         " values ('viewer', 'operator', 'en', 1, 1, 0, 0)", ()),
        ('insert into session (account_id, token_hash, kind, created_us, until_us, "from")'
         " select id, ?, 'page', ?, ?, 'kills' from account where name = 'viewer'",
         (hashlib.sha256(token.encode()).hexdigest(), now_us, now_us + 86_400_000_000))])
    return token


class Viewer:
    def __init__(self, station):
        self.token = sign_in(station)
        self.seen = set()
        self.answers = collections.Counter()
        self.torn = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def ask(self, path):
        """Status and body; None where nobody answers, or not to the end. The cookie is that of a page behind TLS (web.url)."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE_S)
        try:
            connection.request("GET", path, headers={"Cookie": f"__Host-hinomi={self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def look_once(self, path):
        answer = self.ask(path)
        self.answers[answer[0] if answer else "nobody"] += 1
        if answer is None or answer[0] != 200 or not path.startswith("/api/"):
            return
        try:
            told = json.loads(answer[1])
        except ValueError:
            self.torn.append(answer[1][:200])
            return
        self.seen |= {row["id"] for row in (told.get("items", []) if path.startswith("/api/v1/incidents") else [])}

    def look(self):
        turn = 0
        while not self.ends.wait(EVERY_S):
            self.look_once(PATHS[turn % len(PATHS)])
            turn += 1

    def end(self):
        """Whether the page is there now, with all its parts."""
        self.ends.set()
        self.thread.join()
        end = time.monotonic() + AGAIN_S
        while time.monotonic() < end:
            if all((self.ask(path) or (0, b""))[0] == 200 for path in PATHS):
                return True
            time.sleep(0.1)
        return False


def check(points, station, viewer, is_there):
    """Gives how often the page was there, and how often nobody answered."""
    stored = {row["id"] for row in station.rows("select id from incident")}
    points.ok(is_there, "the page is there in the end", viewer.answers)
    points.ok(not viewer.torn, "what it answered was whole", *viewer.torn[:3])
    points.ok(set(viewer.answers) <= {200, 503, "nobody"}, "or said that it cannot now", viewer.answers)
    points.ok(viewer.seen and viewer.seen <= stored, "each incident that it showed is in the database", viewer.seen - stored)
    return viewer.answers[200], viewer.answers.total() - viewer.answers[200]
