"""A mail server that takes what comes (aiosmtpd), on a loopback port of its own, and keeps it for the test.

    with MailCatcher() as catcher:
        catcher.refusals["a@town.example"] = "550 nobody of that name"
        ...
        letter = catcher.wait(lambda mail: mail.to == "b@town.example", 10)
        letter.subject, letter.text, letter.id
"""
import email
import email.policy
import threading
import time

from aiosmtpd.controller import Controller


class Letter:
    """One message as it arrived."""

    def __init__(self, sender, to, content):
        self.sender = sender
        self.to = to
        self.content = content
        self.message = email.message_from_bytes(content, policy=email.policy.default)
        self.subject = self.message["subject"]
        self.id = self.message["message-id"].strip()
        body = self.message.get_body(("plain",))
        self.text = body.get_content() if body else ""  # of what is encrypted nothing is read


class MailCatcher:
    def __init__(self, port=0):
        self.letters = []
        self.refusals = {}
        self.arrived = threading.Condition()
        self.controller = Controller(self, hostname="127.0.0.1", port=port or free_port())

    @property
    def port(self):
        return self.controller.port

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server, _session, envelope):
        with self.arrived:
            for to in envelope.rcpt_tos:
                self.letters.append(Letter(envelope.mail_from, to, envelope.content))
            self.arrived.notify_all()
        return f"250 taken as {len(self.letters)}"

    def to(self, address):
        with self.arrived:
            return [letter for letter in self.letters if letter.to == address]

    def wait(self, wanted, seconds):
        """The first letter that is wanted; None when none came in time."""
        until = time.monotonic() + seconds
        with self.arrived:
            while True:
                for letter in self.letters:
                    if wanted(letter):
                        return letter
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self.arrived.wait(left)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()


def free_port():
    import socket
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
