"""A station whose letters have links: two members, an operator, mail and a web hook, and drills that give each an incident."""
import http.server
import json
import socket
import threading
import time

import mail_catcher
import station
from browser import Browser

TOWN, HOSPITAL = "sakura-town", "asahi-hospital"
TOWN_MAIL, HOSPITAL_MAIL, OPERATOR_MAIL = "soumu@sakura.example", "noc@asahi.example", "operator@watch.example"
CONFIG = """station: {{name: North watch, language: en}}
sources: ['drill:mirai-recorder?speed=60', 'drill:incoming-flood?speed=60']
dark: [198.18.0.0/16, '2001:db8:dead::/48']
operator: {{mail: {operator}}}
mail: {{server: '127.0.0.1:{mail}', security: none, from: hinomi@watch.example}}
webhook: {{allow_private: true}}
notices: {{digest: off}}
canary: {{every: 0}}
metrics: {{listen: off}}
web: {{url: '{url}', listen: '127.0.0.1:{port}'{more}}}
"""
WAIT_S = 90
CALM_S = 12  # numbers alone are written every ten seconds


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Hook:
    """Takes what is posted, and keeps it."""

    def __init__(self):
        self.notices = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.notices.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/a-secret-path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Scene:
    def __init__(self, program, folder, scheme="http", more="", authority=None):
        self.mail = mail_catcher.MailCatcher()
        self.mail.__enter__()
        self.hook = Hook()
        self.port = free_port()
        self.station = station.Station(program, folder / "station")
        self.station.make("")
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.station.configure(CONFIG.format(operator=OPERATOR_MAIL, mail=self.mail.port, url=self.url, port=self.port, more=more))
        self.station.add_member(TOWN, ["198.51.100.0/24"], TOWN_MAIL, self.hook.url, language="ja")
        self.station.add_member(HOSPITAL, ["203.0.113.0/24"], HOSPITAL_MAIL, language="en")
        self.station.write([("insert into contact (kind, address, language, severity_min, state, failures, created_us) "
                             "values ('mail', ?, 'en', 'low', 'verified', 0, 1)", (OPERATOR_MAIL,))])
        self.browser = Browser(self.port, authority)

    def start(self):
        self.station.start()

    def letter(self, to):
        """The first to this address."""
        return self.mail.wait(lambda letter: letter.to == to, WAIT_S)

    def link_in(self, text):
        """The path of the link, which has a line of its own; None where there is none."""
        lines = [line for line in text.splitlines() if line.startswith(self.url + "/a/")]
        return lines[0][len(self.url):] if len(lines) == 1 and len(lines[0]) <= 72 else None

    def await_calm(self):
        """The drills are over: nothing relapses any more."""
        until = time.monotonic() + WAIT_S
        before, since = None, time.monotonic()
        while time.monotonic() < until and time.monotonic() - since < CALM_S:
            now = self.station.rows("select id, last_us, packets, state from incident order by id")
            if now != before:
                before, since = now, time.monotonic()
            time.sleep(0.2)

    def end(self):
        """Exit status, and what sanitizers say."""
        status = self.station.stop()
        self.hook.close()
        self.mail.__exit__()
        words = ("AddressSanitizer", "LeakSanitizer", "runtime error:")
        return status, [line for line in self.station.lines() if any(word in line for word in words)]

    # ---- the database ----

    def number_of(self, address):
        return self.station.rows("select id from contact where address = ?", address)[0]["id"]

    def incident(self, number):
        return self.station.rows("select * from incident where id = ?", number)[0]

    def events(self, number, what="answer"):
        return self.station.rows("select * from event where incident_id = ? and what = ? order by id", number, what)

    def all_of(self, number):
        """What an answer could change."""
        incident = self.incident(number)
        return ([incident[key] for key in ("state", "close_reason")],
                self.station.rows("select id, what, by, note from event where what in ('answer', 'work', 'close', 'ack')"),
                self.station.rows("select id from notice where kind = 'alarm'"))
