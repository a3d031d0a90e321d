"""Stations with a duty `web` for tests: asked, and what they are told by hand."""
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import socket
import time

import station

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef"
SECONDS_MAX = 60
SANITIZED = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(condition, seconds):
    """What it gives once that is something; the last it gave when time is out."""
    until = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() >= until:
            return got
        time.sleep(0.1)


class Station(station.Station):
    """Of this name, with a port of its own and the secret that all share."""

    def __init__(self, program, folder, name, port=0):
        super().__init__(program, pathlib.Path(folder) / name)
        self.name = name
        self.port = port or free_port()
        self.environment = dict(os.environ)
        self.environment.pop("JOURNAL_STREAM", None)
        self.make("")
        secret = self.folder / "keys" / "heartbeat.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)

    def tell(self, text, page="web: {listen: off}\n"):
        """All stations here have one network: the page's default port is for those who are about it."""
        self.configure(f"station: {{name: {json.dumps(self.name)}, language: en}}\n" + text + page)

    def add_operator(self, address):
        """Whom alarms reach, as one who has given back the code of the first letter."""
        self.write([("insert into contact(kind, address, language, severity_min, state, failures, created_us) "
                     "values('mail', ?, 'en', 'low', 'verified', 0, 1)", (address,))])

    def start(self):
        super().start(environment=self.environment)

    def text(self):
        return "\n".join(self.lines())

    def is_ready(self, duty):
        return self.await_lines(1, f"duty.ready duty={duty} ", seconds=SECONDS_MAX)

    def pid_of(self, duty):
        return wait_for(lambda: self.duties().get(duty), 10)

    def end(self):
        """Exit status; the reports of sanitizers among what it said."""
        return self.stop(), [line for line in self.lines() if any(word in line for word in SANITIZED)]

    # ---- Asking ----

    def ask(self, method="GET", path="/metrics", body=None, headers=None, host="127.0.0.1", source=None):
        """Status, text and headers; status 0 where there was no answer."""
        connection = http.client.HTTPConnection(host, self.port, timeout=20, source_address=source)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace"), response.headers
        except OSError as error:
            return 0, str(error), {}
        except http.client.HTTPException as error:
            return 0, repr(error), {}
        finally:
            connection.close()

    def say(self, data, wait=5):
        """All that is answered to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
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

    def value(self, name, **labels):
        """Of the metric now; None where there is none."""
        status, text, _ = self.ask()
        wanted = name + ("{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}" if labels else "")
        for line in text.splitlines() if status == 200 else []:
            if line.rpartition(" ")[0] == wanted:
                return float(line.rpartition(" ")[2])
        return None


def beat(name, sequence=1, **changes):
    return json.dumps({"type": "heartbeat", "name": name, "time": "2026-04-01T00:00:00.000000Z", "observed": None, "packets": 1,
                       "waiting": 0, "version": "0.1.0", "sequence": sequence, **changes}).encode()


def signed(body, at=None, secret=SECRET):
    stamp = str(int((time.time() if at is None else at) * 1000000))
    digest = hmac.new(secret.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return {"X-Hinomi-Time": stamp, "X-Hinomi-Signature": f"sha256={digest}"}
