"""A mail server that does what a test says, on a loopback port of its own. It writes down what it heard, and whether that
came through TLS.

    with SmtpServer({"rcpt": "550 no such user"}) as server:
        ...                      # connect to server.port
    server.sessions[0].heard     # [("EHLO x", False), ...]

Stages: connect, ehlo, starttls, auth, mail, rcpt, data, end (of the message), quit. What is said at one is a line, several
lines as a list, bytes to be sent as they are, DROP, HANG, or a function that is given the session.
"""
import contextlib
import socket
import ssl
import threading
import time

DROP = object()
HANG = object()
VERBS = {"EHLO": "ehlo", "HELO": "ehlo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data",
         "QUIT": "quit"}
HANG_S = 120


class End(Exception):
    """The connection is over."""


class Session:
    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.heard = []
        self.messages = []
        self.in_tls = False
        self.buffer = b""

    def send(self, data):
        self.connection.sendall(data)

    def line(self):
        while b"\n" not in self.buffer:
            data = self.connection.recv(65536)
            if not data:
                raise End
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def say(self, stage):
        what = self.server.script.get(stage, DEFAULTS[stage](self.server))
        if callable(what):
            what = what(self)
        if what is DROP:
            raise End
        if what is HANG:
            self.server.ended.wait(HANG_S)
            raise End
        if what is None:
            return
        if isinstance(what, str):
            what = [what]
        self.send(what if isinstance(what, bytes) else "".join(f"{line}\r\n" for line in what).encode("latin-1"))

    def start_tls(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.in_tls = True
        self.buffer = b""

    def message(self):
        lines = []
        while True:
            line = self.line()
            if line == b".":
                return b"".join(line + b"\r\n" for line in lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def command(self):
        line = self.line()
        self.heard.append((line.decode("latin-1"), self.in_tls))
        stage = VERBS.get(line.split(b" ")[0].upper().decode("latin-1"))
        if stage is None:
            self.send(b"500 what?\r\n")
            return
        if stage == "auth" and line.count(b" ") == 1 and "auth" not in self.server.script:
            for _ in range(2 if line.endswith(b" LOGIN") else 1):
                self.send(b"334 \r\n")
                self.heard.append((self.line().decode("latin-1"), self.in_tls))
        self.say(stage)
        if stage == "quit":
            raise End
        if stage == "starttls" and "starttls" not in self.server.script:
            self.start_tls()
        if stage == "data" and "data" not in self.server.script:
            message = self.message()
            self.messages.append((message, self.in_tls))
            self.say("end")

    def run(self):
        try:
            if self.server.implicit:
                self.start_tls()
            self.say("connect")
            while True:
                self.command()
        except (End, OSError, ssl.SSLError):
            pass
        finally:
            # A reset would take what was said with it.
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
            self.connection.close()


DEFAULTS = {
    "connect": lambda server: "220 test ESMTP",
    "ehlo": lambda server: ["250-test", *(["250-STARTTLS"] if server.context and not server.implicit else []), "250 AUTH PLAIN LOGIN"],
    "starttls": lambda server: "220 go on",
    "auth": lambda server: "235 welcome",
    "mail": lambda server: "250 sender ok",
    "rcpt": lambda server: "250 recipient ok",
    "data": lambda server: "354 go on",
    "end": lambda server: "250 taken",
    "quit": lambda server: "221 bye",
}


class SmtpServer:
    def __init__(self, script=None, pair=None, implicit=False):
        self.script = script or {}
        self.implicit = implicit
        self.context = None
        if pair:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pair)
        self.sessions = []
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(HANG_S)
            session = Session(self, connection)
            self.sessions.append(session)
            threading.Thread(target=session.run, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        time.sleep(0.01)  # the last lines are on their way

    @property
    def messages(self):
        return [message for session in self.sessions for message in session.messages]

    @property
    def heard(self):
        return [line for session in self.sessions for line in session.heard]
