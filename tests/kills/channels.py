"""Every other way that notices take, beside mail, for stations that are killed: a signed web hook, a collector of logs by TLS, a
directory. What is said to be delivered must have come, and what came twice must be the same."""
import collections
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import threading

from certificates import Certificates

SECRET = "a secret of the town"
CONFIG = """\
webhook: {{allow_private: true}}
web: {{url: "https://hinomi.example", listen: "127.0.0.1:8480"}}
"""
NOTICES = ', files: "{files}", ca_file: "{authority}"'
HANG_S = 30


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers["Hinomi-Signature"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


class Channels:
    def __init__(self, folder):
        self.files = folder / "notices"
        self.files.mkdir()
        self.certs = Certificates(folder)
        self.hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.hook.taken = []
        threading.Thread(target=self.hook.serve_forever, daemon=True).start()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certs.pair("good"))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.logs = []
        threading.Thread(target=self.collect, daemon=True).start()

    def config(self):
        return CONFIG.format()

    def notices(self):
        return NOTICES.format(files=self.files, authority=self.certs.authority)

    def collect(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.take, args=(connection,), daemon=True).start()

    def take(self, connection):
        """RFC 5425; of a sender that dies nothing is kept but what is whole."""
        data = b""
        try:
            connection.settimeout(HANG_S)
            connection = self.context.wrap_socket(connection, server_side=True)
            while more := connection.recv(65536):
                data += more
            connection.unwrap()
        except (OSError, ssl.SSLError):
            pass
        while found := re.match(rb"([1-9]\d*) ", data):
            length = int(found[1])
            frame = data[found.end():found.end() + length]
            data = data[found.end() + length:]
            if len(frame) == length:
                self.logs.append(frame)

    def give_to(self, station, member):
        """Contacts of a member, verified already: the proof is another test's."""
        if os.geteuid() == 0:
            owner = station.folder.stat()
            os.chown(self.files, owner.st_uid, owner.st_gid)
        addresses = [("webhook", f"http://127.0.0.1:{self.hook.server_address[1]}/m{member}", SECRET),
                     ("syslog", f"syslog+tls://localhost:{self.listener.getsockname()[1]}", None),
                     ("files", f"file://{self.files}", None)]
        station.write([("insert into contact (member_id, kind, address, language, severity_min, state, failures, created_us, secret)"
                        " values (?, ?, ?, 'en', 'low', 'verified', 0, 1, ?)", (member, kind, address, secret))
                       for kind, address, secret in addresses])

    # ---- What came ----

    def hooks(self):
        """Message-ID -> bodies; and those whose signature is wrong."""
        came = collections.defaultdict(list)
        wrong = []
        for signature, body in self.hook.taken:
            parts = dict(part.split("=", 1) for part in (signature or "").split(",") if "=" in part)
            expected = hmac.new(SECRET.encode(), f"{parts.get('t')}.".encode() + body, hashlib.sha256).hexdigest()
            if parts.get("v1") != expected:
                wrong.append(signature)
            came[json.loads(body)["event"]].append(body)
        return came, wrong

    def documents(self):
        return {json.loads(path.read_bytes())["event"] for path in pathlib.Path(self.files).glob("*.json")}


def check(points, station, channels):
    """Gives how much came by each way."""
    rows = station.rows("select n.message_id, n.state, n.kind, n.incident_id, c.kind as way from notice n join contact c on "
                        "c.id = n.contact_id where c.kind <> 'mail'")
    said = collections.defaultdict(set)
    for row in rows:
        if row["state"] == "delivered":
            said[row["way"]].add(row["message_id"])
    hooks, wrong = channels.hooks()
    points.ok(said["webhook"] and said["webhook"] <= set(hooks), "what is said to be delivered to web hooks came there",
              said["webhook"] - set(hooks))
    points.ok(not wrong, "each signed", *wrong[:3])
    points.ok(all(len(set(bodies)) == 1 for bodies in hooks.values()), "what came twice is the same, byte for byte")
    documents = channels.documents()
    points.ok(said["files"] and said["files"] <= documents, "so it is with files", said["files"] - documents)
    logs = {int(number) for frame in channels.logs for number in re.findall(rb' incident="(\d+)"', frame)}
    told = {row["incident_id"] for row in rows if row["way"] == "syslog" and row["state"] == "delivered" and row["incident_id"]}
    points.ok(told and told <= logs, "and with collectors of logs", told - logs)
    states = collections.Counter((row["way"], row["state"]) for row in rows)
    points.ok(not any(state in ("failed", "bounced") for _, state in states), "and no way was given up", states)
    return len(hooks), len(channels.logs), len(documents)
