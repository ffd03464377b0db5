"""What is wrong with a certificate, in words for people: OpenSSL's own are for the log."""

import os
from pathlib import Path

import pytest

from chat_server.net.certificate import CertificateError, load_certificate
from tests.support.certificate import make_certificate

OPENSSLS = ("_ssl.c", "PEM lib", "SSL]", "x509v3", "error:", "req:")


def reason(certificate: Path | None, key: Path | None, folder: Path, host: str = "127.0.0.1") -> str:
    with pytest.raises(CertificateError) as caught:
        load_certificate(certificate, key, folder, host)
    text = str(caught.value)
    assert not [word for word in OPENSSLS if word.lower() in text.lower()], text
    return text


def test_words_are_plain(tmp_path: Path) -> None:
    """A key of another certificate, a file of something else, a missing one, a host that is none."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    certificate, key = make_certificate(tmp_path / "a")
    _, other = make_certificate(tmp_path / "b")
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("not this\n")
    assert reason(certificate, other, tmp_path).endswith("the key belongs to another certificate")
    assert "is not what it is said to be, in PEM" in reason(rubbish, key, tmp_path)
    assert "No such file" in reason(tmp_path / "none.pem", key, tmp_path)
    assert "for the address ::not:an:address::" in reason(None, None, tmp_path, "::not:an:address::")


def test_words_of_openssl_go_into_the_log_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Where it fails, the terminal shows nothing of it."""
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\necho aloud\necho wrong >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    caplog.set_level("DEBUG")
    assert "for the address chat.example" in reason(None, None, tmp_path, "chat.example")
    assert capfd.readouterr() == ("", "")
    assert "openssl said: wrong\n" in caplog.messages


def test_network_card_is_in_no_certificate(tmp_path: Path) -> None:
    """An address with its network card gets a certificate as well."""
    assert load_certificate(None, None, tmp_path, "fe80::1%eth0").fingerprint


def test_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever the process lets others do with new files."""
    before = os.umask(0)
    try:
        load_certificate(None, None, tmp_path, "127.0.0.1")
    finally:
        os.umask(before)
    assert (tmp_path / "tls-key.pem").stat().st_mode & 0o777 == 0o600
