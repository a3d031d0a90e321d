"""Certificates for tests, made by openssl(1) in a folder: an authority of our own, and what it or somebody else signed.

    made = Certificates(folder)
    made.authority          a file to trust
    made.pair("good")       certificate and key in one file; also "expired", "wrong-name", "stranger", "not-yet"
"""
import pathlib
import subprocess

LOCAL = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
ELSEWHERE = "subjectAltName=DNS:mail.example.org"


class Certificates:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.authority = self.make_authority("authority")
        self.make_authority("other")
        self.sign("good", "authority", LOCAL, "20200101000000Z", "20991231000000Z")
        self.sign("expired", "authority", LOCAL, "20200101000000Z", "20200201000000Z")
        self.sign("not-yet", "authority", LOCAL, "20980101000000Z", "20991231000000Z")
        self.sign("wrong-name", "authority", ELSEWHERE, "20200101000000Z", "20991231000000Z")
        self.sign("stranger", "other", LOCAL, "20200101000000Z", "20991231000000Z")

    def run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def make_authority(self, name):
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                 "-out", f"{name}.pem", "-days", "3650", "-subj", f"/CN=Hinomi tests {name}")
        return self.folder / f"{name}.pem"

    def sign(self, name, authority, alternative, begins, ends):
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr", "-subj", f"/CN={name}")
        # `openssl x509` knows no dates, so the authority keeps a book of its own for each.
        (self.folder / f"{name}.txt").write_text("")
        (self.folder / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={name}.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\n"
            f"policy=p\nx509_extensions=x\nunique_subject=no\n[p]\ncommonName=supplied\n[x]\n{alternative}\n")
        self.run("ca", "-batch", "-notext", "-config", f"{name}.cnf", "-cert", f"{authority}.pem", "-keyfile",
                 f"{authority}.key", "-startdate", begins, "-enddate", ends, "-in", f"{name}.csr", "-out", f"{name}.crt")
        # The key first, as Postfix has it.
        pair = (self.folder / f"{name}.key").read_text() + (self.folder / f"{name}.crt").read_text()
        self.pair(name).write_text(pair)
        self.pair(name).chmod(0o600)

    def pair(self, name):
        return self.folder / f"{name}.both"
