"""Signs of life to a watcher that is no Hinomi: what they say, and what happens when they are not taken."""
import hashlib
import hmac
import http.server
import json
import ssl
import threading

from certificates import Certificates
from peers import OVER_S, letter_about, letters_of, make
from smtp_server import SmtpServer
from stations import SECRET, wait_for

EVERY_S = 5


class Watcher:
    """Takes them, or answers as it is told."""

    def __init__(self, certificate=None):
        self.status = 200
        self.heard = []
        watcher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                watcher.heard.append((self.path, dict(self.headers), body))
                self.send_response(watcher.status)
                self.send_header("Content-Length", "8")
                self.end_headers()
                self.wfile.write(b"as told\n")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def is_signed(headers, body):
    digest = hmac.new(SECRET.encode(), headers["X-Hinomi-Time"].encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return headers["X-Hinomi-Signature"] == f"sha256={digest}"


def try_contents(part, watcher):
    part.ok(wait_for(lambda: len(watcher.heard) >= 2, 30), "signs of life come")
    beats = [json.loads(body) for _, _, body in watcher.heard]
    part.ok(all(is_signed(headers, body) for _, headers, body in watcher.heard), "each is signed")
    part.same({path for path, _, _ in watcher.heard}, {"/alive?token=abc"}, "to the address that is told")
    first = beats[0]
    part.same(sorted(first), ["name", "observed", "packets", "sequence", "time", "type", "version", "waiting"], "what it says")
    part.same([beat["sequence"] for beat in beats], list(range(1, len(beats) + 1)), "counted from 1")
    part.ok(sum(beat["packets"] for beat in beats) > 0 and beats[-1]["observed"] is not None, "with what was seen", beats)


def try_refusal(part, watcher, station, server):
    watcher.status = 500
    count = len(watcher.heard)
    found = wait_for(lambda: letter_about(server, "watcher", "127.0.0.1"), EVERY_S * 7 + 10)
    failed = len(watcher.heard) - count
    part.ok(found and 5 <= failed <= 7, f"the operator hears of it after {failed} that were not taken", letters_of(server),
            station.text()[-2000:])
    part.ok(found and "HTTP 500" in found[1] and "token" not in found[0] + found[1], "with what was answered, without secrets",
            found)
    part.ok((station.value("hinomi_heartbeats_failed_total") or 0) >= 5, "it stands in the numbers")
    watcher.status = 204
    part.ok(wait_for(lambda: [subject for subject, _ in letters_of(server) if "over" in subject.lower()], OVER_S),
            "and that it is over", [subject for subject, _ in letters_of(server)])
    part.ok(station.text().count("heartbeat.failed") == 1, "which is logged once")


def configure(station, url):
    station.tell("sources: ['drill:demo-day?speed=60']\n" + station.mail +
                  f"metrics: {{listen: '127.0.0.1:{station.port}'}}\n"
                  f"heartbeat: {{url: '{url}', every: {EVERY_S}s, secret_file: keys/heartbeat.secret}}\n")


def try_certificate(part, program, folder, server):
    """One that nobody of ours has signed."""
    watcher = Watcher(Certificates(folder).pair("good"))
    station = make(program, folder, "careful", server)
    configure(station, f"https://localhost:{watcher.port}/alive")
    station.start()
    part.ok(wait_for(lambda: "heartbeat.failed" in station.text(), 30) and "certificate" in station.text(),
            "a watcher without a good certificate gets none", station.text()[-1000:])
    part.same(watcher.heard, [], "nothing at all")
    part.same(station.end(), (0, []), "it ends well")
    watcher.close()


def try_watchers(part, program, folder):
    watcher = Watcher()
    with SmtpServer() as server:
        station = make(program, folder, "watched", server)
        configure(station, f"http://127.0.0.1:{watcher.port}/alive?token=abc")
        station.start()
        try:
            try_contents(part, watcher)
            try_refusal(part, watcher, station, server)
        finally:
            part.same(station.end(), (0, []), "it ends well")
        try_certificate(part, program, folder, server)
    watcher.close()
