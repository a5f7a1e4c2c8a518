"""HTTPS that cannot be trusted: row N3 of the fault matrix. The key never leaves, and nothing is tried twice."""

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.fault_bench import Bench
from tests.faults.fault_proxy import FaultProxy, forwarded

KEY_TYPE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Certificates(NamedTuple):
    """Paths: an authority that the tests trust, and a folder with `NAME.pem` and `NAME.key` for each server."""

    authority: Path
    folder: Path


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def sign(folder: Path, name: str, address: str, *, days: int) -> None:
    (folder / f"{name}.ext").write_text(
        f"subjectAltName={address}\nbasicConstraints=CA:FALSE\n"
        "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    openssl(folder, "req", *KEY_TYPE, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", f"{name}.ext", "-days", str(days)]
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signing, "-out", f"{name}.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    uses = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    openssl(folder, "req", "-x509", *KEY_TYPE, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Tests", *uses)
    own = ["-addext", "subjectAltName=IP:127.0.0.1", "-subj", "/CN=own"]
    openssl(folder, "req", "-x509", *KEY_TYPE, "-keyout", "own.key", "-out", "own.pem", *own)
    sign(folder, "good", "IP:127.0.0.1", days=2)
    sign(folder, "elsewhere", "DNS:elsewhere.example", days=2)
    sign(folder, "expired", "IP:127.0.0.1", days=-1)
    return Certificates(authority=folder / "ca.pem", folder=folder)


def secured(bench: Bench, certificates: Certificates, name: str) -> FaultProxy:
    """Return a proxy that speaks TLS, with this certificate, in front of the same sandbox."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.folder / f"{name}.pem", certificates.folder / f"{name}.key")
    return FaultProxy(bench.proxy.upstream, tls=context)


@pytest.fixture
def one(bench: Bench, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench.recorded("welcome")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    return bench


def is_refused(bench: Bench, url: str, word: str) -> None:
    before = bench.repository.state_file.read_bytes()
    bench.configure(api=url)
    for arguments in (("apply", "--yes"), ("plan", "--refresh", "all")):
        result = bench.run(*arguments, "--format", "json")
        assert result.code == 4, result
        assert word in result.out, result
        assert "the key was not sent" in result.out, result
    assert bench.run("apply", "--yes").code == 4
    assert bench.repository.state_file.read_bytes() == before


@pytest.mark.parametrize("name", ["own", "elsewhere", "expired"])
def test_a_certificate_that_is_not_trusted_ends_it(one, certificates, name):
    proxy = secured(one, certificates, name)
    is_refused(one, proxy.url, "not trusted")
    # One each for the three commands.
    assert (proxy.accepted, proxy.seen) == (3, [])
    proxy.close()
    one.configure()
    one.settles()


def test_an_authority_that_is_not_named_is_not_trusted(one, certificates, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    proxy = secured(one, certificates, "good")
    is_refused(one, proxy.url, "not trusted")
    assert (proxy.accepted, proxy.seen) == (3, [])
    proxy.close()


def test_what_does_not_speak_tls_is_not_spoken_to_without_it(one):
    is_refused(one, one.proxy.url.replace("http:", "https:"), "TLS")
    assert (one.proxy.accepted, one.proxy.seen) == (3, [])
    one.configure()
    one.settles()


def test_a_certificate_that_the_operators_authority_signed_is_trusted(one, certificates):
    proxy = secured(one, certificates, "good")
    one.configure(api=proxy.url)
    ended = one.apply()
    assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended
    assert proxy.handshakes == proxy.accepted > 0
    proxy.close()


def test_a_certificate_that_goes_bad_during_the_run_stops_it(bench, certificates, monkeypatch):
    """A POST has a connection of its own, so it meets the new certificate, and nothing of it is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    proxy = secured(bench, certificates, "good")
    bench.configure(api=proxy.url)
    bench.write("welcome")

    def change() -> None:
        assert proxy.tls is not None
        proxy.tls.load_cert_chain(certificates.folder / "expired.pem", certificates.folder / "expired.key")

    # The plan's look, then the last one before the write.
    proxy.on("GET", lambda exchange: (change(), forwarded(exchange))[-1], nth=(2,))
    ended = bench.apply()
    assert (ended.code, ended.statuses, bench.created()) == (4, {"welcome": "not_sent"}, []), ended
    assert "not trusted" in ended.said
    proxy.close()
    bench.configure()
    bench.settles(creates=1)
