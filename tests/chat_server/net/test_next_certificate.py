"""The next certificate: made beside the present one, and put in its place, whatever interrupts that."""

import ssl
from pathlib import Path

import pytest

from chat_server.net.certificate import (
    CertificateError,
    certificate_bytes,
    ensure_certificate,
    fingerprint,
    make_context,
    pair_in,
)
from chat_server.net.certificate_dates import validity
from chat_server.net.certificate_names import names_in
from chat_server.net.next_certificate import (
    load_with_next,
    make_next,
    next_fingerprint,
    next_pair_in,
    use_next,
    withdraw_next,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a certificate."""
    ensure_certificate(tmp_path, "127.0.0.1")
    return tmp_path


def test_next_certificate_waits_until_it_is_used(folder: Path) -> None:
    """The present one stays till then; afterwards nothing is announced, and none is used twice."""
    present = fingerprint(pair_in(folder)[0])
    announced = make_next(folder, "chat.example.org", 30)
    assert announced != present
    loaded = load_with_next(None, None, folder, "127.0.0.1")
    assert (loaded.fingerprint, loaded.next_fingerprint) == (present, announced)
    certificate, key = next_pair_in(folder)
    assert key.stat().st_mode & 0o777 == 0o600
    der = certificate_bytes(certificate)
    begins, ends = validity(der)
    assert ends - begins == 30 * 86_400
    assert names_in(der) == ["chat.example.org", "localhost"]
    use_next(folder)
    loaded = load_with_next(None, None, folder, "127.0.0.1")
    assert (loaded.fingerprint, loaded.next_fingerprint) == (announced, "")
    with pytest.raises(CertificateError, match="no next certificate"):
        use_next(folder)


def test_interrupted_use_is_finished_at_the_next_start(folder: Path) -> None:
    """The key is in its place and the certificate is not: the server starts with the new one."""
    announced = make_next(folder, "127.0.0.1", 30)
    next_pair_in(folder)[1].replace(pair_in(folder)[1])
    loaded = load_with_next(None, None, folder, "127.0.0.1")
    assert (loaded.fingerprint, loaded.next_fingerprint) == (announced, "")


def test_interrupted_making_announces_nothing(folder: Path) -> None:
    """A key alone, or a file that is no certificate, is no next one; the present one serves on."""
    present = fingerprint(pair_in(folder)[0])
    make_next(folder, "127.0.0.1", 30)
    certificate, _ = next_pair_in(folder)
    for spoil in (lambda: certificate.write_text("cut"), certificate.unlink):
        spoil()
        loaded = load_with_next(None, None, folder, "127.0.0.1")
        assert (loaded.fingerprint, loaded.next_fingerprint) == (present, "")
    assert make_next(folder, "127.0.0.1", 30) == next_fingerprint(folder)


def test_withdrawn_certificate_is_gone(folder: Path) -> None:
    """With its key."""
    make_next(folder, "127.0.0.1", 30)
    assert withdraw_next(folder)
    assert not withdraw_next(folder)
    assert not any(path.exists() for path in next_pair_in(folder))


def test_certificate_that_was_given_announces_none(folder: Path) -> None:
    """What lies in the data folder is not about it."""
    make_next(folder, "127.0.0.1", 30)
    assert load_with_next(*pair_in(folder), folder, "127.0.0.1").next_fingerprint == ""


def test_names_of_a_certificate_are_read(tmp_path: Path) -> None:
    """Names and addresses of both kinds; a certificate that is cut off is no error."""
    certificate, _ = ensure_certificate(tmp_path, "2001:db8::7")
    der = certificate_bytes(certificate)
    assert names_in(der) == ["2001:db8::7", "localhost"]
    place = der.index(bytes.fromhex("0603551D11"))
    assert all(len(names_in(der[:length])) <= 2 for length in range(place, len(der)))
    assert names_in(b"") == names_in(der[:place]) == []


def test_all_suites_are_authenticated_encryption(folder: Path) -> None:
    """TLS 1.2 has no CBC, no RSA key exchange and no SHA-1 left."""
    suites = make_context(*pair_in(folder)).get_ciphers()
    assert {suite["protocol"] for suite in suites} == {"TLSv1.2", "TLSv1.3"}
    assert all(suite["aead"] for suite in suites)
    assert all(suite["name"].startswith(("TLS_", "ECDHE-")) for suite in suites)
    assert ssl.HAS_TLSv1_2
