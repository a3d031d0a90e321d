"""A browser for tests: what it asks of the page behind a letter's link, what it reads of it, and tokens of its own making."""
import base64
import hashlib
import hmac
import html.parser
import http.client
import itertools
import ssl
import urllib.parse

FORM_TYPE = "application/x-www-form-urlencoded"
# Each request from another address, as our own proxy would tell: how often one may ask is a test of its own.
ADDRESSES = (f"198.18.{high}.{low}" for high, low in itertools.product(range(256), range(1, 255)))
VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(html.parser.HTMLParser):
    """What stands in a page: its text, its form, and all elements with their attributes."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.words = []
        self.open = []
        self.balanced = True
        self.feed(text)
        self.close()
        self.balanced = self.balanced and not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.balanced = False

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def language(self):
        return self.all("html")[0].get("lang")

    @property
    def form(self):
        """The token; None where there is no form."""
        return next((field.get("value") for field in self.all("input") if field.get("name") == "form"), None)

    @property
    def answers(self):
        return [button.get("value") for button in self.all("button") if button.get("name") == "answer"]


class Answer:
    def __init__(self, status, headers=None, body=b""):
        self.status = status
        self.headers = headers or {}
        self.body = body

    @property
    def page(self):
        return Page(self.body.decode())


class Browser:
    def __init__(self, port, authority=None):
        self.port = port
        self.authority = authority
        self.seen = []

    def ask(self, method, path, body=None, headers=None, address=None):
        """Status 0 where there was no answer."""
        if self.authority:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20,
                                                     context=ssl.create_default_context(cafile=self.authority))
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body,
                               headers={"X-Forwarded-For": address or next(ADDRESSES), **(headers or {})})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            answer = Answer(0, {}, repr(error).encode())
        finally:
            connection.close()
        self.seen.append(answer)
        return answer

    def look(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, headers=None, address=None, **fields):
        return self.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": FORM_TYPE, **(headers or {})}, address)

    def answer(self, path, what, note="", **more):
        """As a person does: opens the page, and presses a button."""
        form = self.look(path).page.form
        return self.post(path, form=form or "", answer=what, note=note, **more)


# ---- Tokens, made by our own means ----

def read_key(folder):
    return bytes.fromhex((folder / "keys" / "answers.key").read_text().strip())


def token(key, incident, contact, hours):
    fields = incident.to_bytes(5, "big") + contact.to_bytes(4, "big") + hours.to_bytes(3, "big")
    tag = hmac.new(key, b"answer link 1\0" + fields, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(tag + fields).decode()


def form_of(key, text):
    return base64.urlsafe_b64encode(hmac.new(key, b"answer form 1\0" + text.encode(), hashlib.sha256).digest()[:12]).decode()
