"""The page by TLS of our own."""
import socket
import ssl
import subprocess

import certificates
import scene


def try_versions(part, at, authority):
    context = ssl.create_default_context(cafile=authority)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with socket.create_connection(("127.0.0.1", at.port), timeout=10) as raw, context.wrap_socket(raw, server_hostname="127.0.0.1"):
            part.ok(False, "what is older than TLS 1.2 is refused")
    except OSError:
        part.ok(True, "what is older than TLS 1.2 is refused")
    with socket.create_connection(("127.0.0.1", at.port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        part.ok(b"HTTP/" not in raw.recv(100), "and so is what is in the clear")


def try_wrong(part, at, key):
    """What is no certificate keeps the station from starting, with one line."""
    for name, text in (("web.pem", "no certificate\n"), ("web.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")):
        (at.station.folder / "keys" / name).write_text(text)
        done = subprocess.run([at.station.program, "run", "--station", str(at.station.folder)], capture_output=True, text=True, timeout=60)
        part.ok(done.returncode == 2, f"{text.splitlines()[0]}: refused", done.stderr)
    key.chmod(0o644)
    done = subprocess.run([at.station.program, "check", "--station", str(at.station.folder)], capture_output=True, text=True, timeout=60)
    part.ok("web.key" in done.stdout + done.stderr, "a key that others may read is told of by `hinomi check`", done.stdout)


def try_tls(part, program, folder):
    made = certificates.Certificates(folder)
    at = scene.Scene(program, folder, "https", ", certificate: keys/web.pem, key: keys/web.key", made.authority)
    keys = at.station.folder / "keys"
    (keys / "web.pem").write_bytes((folder / "good.crt").read_bytes())
    (keys / "web.key").write_bytes((folder / "good.key").read_bytes())
    (keys / "web.key").chmod(0o600)
    at.start()
    try:
        letter = at.letter(scene.HOSPITAL_MAIL)
        link = at.link_in(letter.text) if letter else None
        answer = at.browser.look(link)
        part.ok(answer.status == 200 and scene.HOSPITAL in answer.page.text, "the page by https", answer.status, answer.body)
        part.same(at.browser.answer(link, "on-it").status, 303, "and an answer")
        part.same([event["note"] for event in at.events(1) + at.events(2) + at.events(3)], ["on-it"], "which is recorded")
        try_versions(part, at, made.authority)
        at.station.reload()
        part.ok(at.station.await_lines(1, "reload.done") and at.browser.look(link).status == 200, "also after a reload")
    finally:
        part.same(at.end(), (0, []), "it ends well")
    try_wrong(part, at, keys / "web.key")
