"""A real mail server for tests: Dovecot, run in a folder of its own, with a certificate of its own, on a free port."""

from __future__ import annotations

import getpass
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "segredo-da-caixa"

CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {run}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{run}/cert.pem
ssl_key = <{run}/key.pem
disable_plaintext_auth = yes
{persons}
mail_location = maildir:~/mail
first_valid_uid = 1
mail_uid = {owner}
mail_gid = {owner_group}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={homes}/%u
}}
"""

#: Whoever is not root runs every part of the server as themselves.
PERSONS = """
default_internal_user = {person}
default_login_user = {person}
default_internal_group = {group}
"""


class MailServer:
    """What a test does with the server: put messages in, see where they are."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate

    @contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.certificate))
        server = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context, timeout=30)
        server.login(user, PASSWORD)
        server.select(folder)
        yield server
        server.logout()

    def put(self, user: str, message: EmailMessage) -> None:
        with self.client(user) as server:
            server.append("INBOX", "", None, message.as_bytes())

    def subjects(self, user: str, folder: str = "INBOX") -> list[str]:
        with self.client(user, folder) as server:
            if server.state != "SELECTED":
                return []
            _, (numbers,) = server.search(None, "UNDELETED")
            found = []
            for number in numbers.split():
                _, parts = server.fetch(number, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
                found.append(parts[0][1].decode().removeprefix("Subject:").strip())
            return found


def message(subject: str, to: str, *files: tuple[str, bytes]) -> EmailMessage:
    """A message with PDFs."""
    made = EmailMessage()
    made["Subject"], made["To"], made["From"] = subject, to, "Fornecedor <contas@fornecedor.pt>"
    made["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    made["Message-ID"] = f"<{subject}@fornecedor.pt>"
    made.set_content("Em anexo a fatura.")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return made


@contextmanager
def a_mail_server(folder: Path) -> Iterator[MailServer]:
    """The server, up until the context ends. Its name is ``localhost``."""
    run, homes = folder / "run", folder / "homes"
    run.mkdir(mode=0o755)
    homes.mkdir()
    person, root = getpass.getuser(), os.geteuid() == 0
    owner = "nobody" if root else person
    if root:
        shutil.chown(homes, "nobody", "nogroup")
        for above in (folder, *folder.parents[:3]):
            above.chmod(above.stat().st_mode | 0o711)
    _certificate(run)
    port = _free_port()
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            run=run,
            homes=homes,
            persons="" if root else PERSONS.format(person=person, group=_group()),
            owner=owner,
            owner_group="nogroup" if root else _group(),
            port=port,
            password=PASSWORD,
        )
    )
    server = subprocess.Popen([PROGRAM, "-F", "-c", config], stderr=subprocess.DEVNULL)
    try:
        _wait(port, run / "log")
        yield MailServer(port, run / "cert.pem")
    finally:
        server.terminate()
        server.wait(20)


def _group() -> str:
    import grp

    return grp.getgrgid(os.getegid()).gr_name


def _certificate(run: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (run / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (run / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def _wait(port: int, log: Path) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(log.read_text() if log.exists() else "dovecot did not start")
