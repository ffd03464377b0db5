"""`python -m tests.audit code|packages`: exits with 1 on anything that was not looked at and accepted."""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ACCEPTED = Path(__file__).with_name("accepted.toml")
PACKAGES = ("chat_protocol", "chat_server", "chat_client")
REQUIREMENTS = ROOT / "requirements.txt"
# A release with a known vulnerability (CVE-2024-21272): who does not find that one, finds nothing.
KNOWN_BAD = "mysql-connector-python==9.0.0"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of bandit."""

    rule: str
    path: str
    line: int
    text: str


def unaccepted(findings: Iterable[Finding], accepted: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say which findings are more than was accepted for a rule in a file.

    :param accepted: tables with `rule`, `reason` and `files`, a number of findings for each path.
    """
    allowed = {(rule["rule"], path): most for rule in accepted for path, most in rule["files"].items()}
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.rule, finding.path].append(finding)
    return [
        f"{path}: {len(each)} of {rule}, {allowed.get((rule, path), 0)} accepted; lines"
        f" {', '.join(str(one.line) for one in each)}: {each[0].text}"
        for (rule, path), each in sorted(found.items())
        if len(each) > allowed.get((rule, path), 0)
    ]


def unaudited(report: Mapping[str, Any], wanted: str) -> list[str]:
    """Say what is wrong with a report of pip-audit: a vulnerability, or a package that was left out."""
    dependencies = report["dependencies"]
    problems = [
        f"{each['name']} was not audited: {each['skip_reason']}"
        for each in dependencies
        if "skip_reason" in each
    ]
    for each in dependencies:
        problems += [f"{each['name']} {each['version']}: {one['id']}" for one in each.get("vulns", ())]
    if wanted not in {each["name"] for each in dependencies}:
        problems.append(f"{wanted} was not audited")
    return problems


def audit_code() -> list[str]:
    """Run bandit over the product."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", *PACKAGES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        return [f"bandit failed: {done.stderr.strip()[-500:]}"]
    report = json.loads(done.stdout)
    findings = [
        Finding(each["test_id"], each["filename"].removeprefix("./"), each["line_number"], each["issue_text"])
        for each in report["results"]
    ]
    problems = [f"{each['filename']}: {each['reason']}" for each in report["errors"]]
    return problems + unaccepted(findings, tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))["accepted"])


def audit_packages() -> list[str]:
    """Ask the vulnerability service about what running needs, and first about a package known to be bad."""
    driver = KNOWN_BAD.partition("=")[0]
    with tempfile.TemporaryDirectory() as folder:
        known_bad = Path(folder) / "requirements.txt"
        known_bad.write_text(KNOWN_BAD + "\n", encoding="utf-8")
        found = unaudited(_pip_audit(known_bad), driver)
    if not any(one.startswith(f"{KNOWN_BAD.replace('==', ' ')}: ") for one in found):
        return [f"nothing was audited: the vulnerability service does not know of {KNOWN_BAD} ({found[0]})"]
    return unaudited(_pip_audit(REQUIREMENTS), driver)


def _pip_audit(requirements: Path) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        skipped = {"name": "pip-audit", "skip_reason": last}
        return {"dependencies": [skipped]}
    return report


def main() -> int:
    """Audit what the command line names."""
    audits = {"code": audit_code, "packages": audit_packages}
    if len(sys.argv) != 2 or sys.argv[1] not in audits:
        sys.stderr.write("usage: python -m tests.audit code|packages\n")
        return 2
    problems = audits[sys.argv[1]]()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.stderr.write(f"What is accepted, and why, stands in {ACCEPTED.relative_to(ROOT)}.\n")
        return 1
    sys.stdout.write(f"nothing found in the {sys.argv[1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
