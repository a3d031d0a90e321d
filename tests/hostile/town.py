"""A station with its page for tests of harm, somebody who uses it meanwhile, and what its other duties do."""
import http.client
import json
import os
import socket
import subprocess
import threading
import time

import station

PASSWORD = "correct horse battery"
WAIT_S = 60
SANITIZED = ("AddressSanitizer", "LeakSanitizer", "runtime error:")
# Whoever looks at the page comes from here, and at the numbers from there; harm comes from others.
USER, WATCHER = "127.0.0.2", "127.0.0.3"
# The token of the operator's session.
OWN = object()
CONFIG = """station: {{name: North watch, language: en}}
sources: ['drill:demo-day?days=366&speed=600']
notices: {{digest: off}}
canary: {{every: 0}}
metrics: {{listen: '127.0.0.1:{figures}'}}
web: {{listen: '127.0.0.1:{page}'}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Answer:
    """Status 0 where there was none."""

    def __init__(self, response=None, error=""):
        self.status = response.status if response else 0
        self.headers = response.headers if response else {}
        is_endless = "event-stream" in self.headers.get("Content-Type", "")
        self.body = b"" if is_endless else response.read() if response else str(error).encode()

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class Town(station.Station):
    def __init__(self, program, folder):
        super().__init__(program, folder / "north")
        self.port, self.figures_port = free_port(), free_port()
        self.make(CONFIG.format(page=self.port, figures=self.figures_port))
        self.token = None
        self.seen = 0

    def begin(self):
        self.add_member("sakura-town", ["198.51.100.0/24"], "soumu@sakura.example")
        self.add_member("asahi-hospital", ["203.0.113.0/24"], "noc@asahi.example")
        self.start()
        for duty in ("keeper", "web"):
            if not self.await_lines(1, f"duty.ready duty={duty} ", seconds=WAIT_S):
                raise AssertionError("\n".join(self.lines()[-30:]))
        for name, role, more in (("keeper-of-town", "operator", ()), ("wall", "viewer", ()),
                                 ("sakura", "member", ("--member", "sakura-town"))):
            added = subprocess.run([self.program, "account", "add", name, "--role", role, *more, "--password-file", "-",
                                    "--station", str(self.folder)], input=PASSWORD + "\n", capture_output=True, text=True,
                                   check=False)
            if added.returncode != 0:
                raise AssertionError(added.stderr)
        self.token = self.sign_in("keeper-of-town")
        # Something is open before harm begins.
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and not self.ask("GET", "/api/v1/incidents").json["items"]:
            time.sleep(0.2)

    def sign_in(self, name):
        """The token of a new session."""
        answer = self.ask("POST", "/api/v1/session", {"name": name, "password": PASSWORD}, token=None)
        if answer.status != 200:
            raise AssertionError(f"{name}: {answer.status} {answer.text}")
        return answer.headers["Set-Cookie"].split("hinomi=")[1].split(";")[0]

    # ---- Asking ----

    def ask(self, method, path, body=None, headers=None, token=OWN, source=USER, seconds=20):
        """`token` None is none; a body that is no text becomes JSON."""
        token = self.token if token is OWN else token
        sent = {"Cookie": f"hinomi={token}"} if token is not None else {}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds, source_address=(source, 0))
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            return Answer(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            return Answer(error=repr(error))
        finally:
            connection.close()

    def say(self, data, wait=2, source="127.0.0.4"):
        """All that is answered to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait, source_address=(source, 0)) as connection:
            answer = b""
            try:
                connection.sendall(data)
                while True:
                    more = connection.recv(65536)
                    if not more:
                        break
                    answer += more
            except OSError:
                pass
            return answer

    def connect(self, source):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10, source_address=(source, 0))

    # ---- What the others do ----

    def figures(self):
        """Of the numbers: name to value. Without the keeper's, which may be late on a busy machine, they are asked for again."""
        end = time.monotonic() + WAIT_S
        while True:
            found = self.ask_figures()
            if "hinomi_commits_total" in found or time.monotonic() > end:
                return found
            time.sleep(0.5)

    def ask_figures(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.figures_port, timeout=20, source_address=(WATCHER, 0))
        try:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line and line[0] != "#"}

    def ended(self):
        """What its parent has said since the last time of duties that ended, or said nothing for too long."""
        lines = self.lines()
        new, self.seen = lines[self.seen:], len(lines)
        return [line for line in new if any(word in line for word in ("duty.died", "duty.silent", "duty.failed", *SANITIZED))]

    def end(self):
        return self.stop(), [line for line in self.lines() if any(word in line for word in SANITIZED)]


class Meanwhile:
    """While harm is done: how long somebody waits for the page and a list, and what capture and keeper get done."""
    PATHS = ("/", "/api/v1/incidents?limit=50", "/api/v1/now")

    def __init__(self, town):
        self.town = town
        self.times, self.failed = [], []
        self.over = threading.Event()
        self.user = threading.Thread(target=self.use)

    def use(self):
        asked = 0
        while not self.over.is_set():
            path = self.PATHS[asked % len(self.PATHS)]
            asked += 1
            began = time.monotonic()
            answer = self.town.ask("GET", path)
            self.times.append(time.monotonic() - began)
            if answer.status != 200:
                self.failed.append((path, answer.status, answer.text[:200]))
            self.over.wait(0.02)

    def __enter__(self):
        self.before = self.town.figures()
        self.began = time.monotonic()
        self.user.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.user.join()
        self.seconds = time.monotonic() - self.began
        self.after = self.town.figures()
        return False

    def grew(self, name):
        return sum(value - self.before.get(key, 0) for key, value in self.after.items() if key.split("{")[0] == name)

    def judge(self, points, name, slowest_s):
        times = sorted(self.times)
        p99 = times[max(0, len(times) * 99 // 100 - 1)] if times else 99
        points.ok(not self.failed and len(times) >= 20 and p99 < slowest_s,
                  f"{name}: the page is used all the while, 99 of 100 within {p99 * 1000:.0f} ms", len(times), *self.failed[:5])
        per_second = self.grew("hinomi_commits_total") / self.seconds
        points.ok(per_second > 1, f"{name}: the keeper goes on, {per_second:.1f} commits a second", self.seconds)
        packets = self.grew("hinomi_source_packets_total")
        dropped = self.grew("hinomi_source_dropped_packets_total") + self.grew("hinomi_source_lost_batches_total")
        points.ok(packets > 0 and dropped == 0, f"{name}: capture goes on, {packets:.0f} packets, none lost", packets, dropped)
