"""What the audits let pass, and what they do not."""

import tomllib

from tests.audit.__main__ import ACCEPTED, ROOT, Finding, unaccepted, unaudited

RULE = {"rule": "B608", "reason": "parameters", "files": {"a.py": 1}}
DRIVER = {"name": "driver", "version": "9.7"}


def test_finding_beyond_those_accepted_is_named_with_its_line() -> None:
    """One more than was looked at in that file, or one in another file or of another rule, is a problem."""
    accepted = [Finding("B608", "a.py", 3, "SQL")]
    assert unaccepted(accepted, [RULE]) == []
    (problem,) = unaccepted([*accepted, Finding("B608", "a.py", 9, "SQL")], [RULE])
    assert "a.py: 2 of B608, 1 accepted; lines 3, 9" in problem
    assert (
        len(unaccepted([Finding("B608", "b.py", 1, "SQL"), Finding("B602", "a.py", 1, "shell")], [RULE])) == 2
    )


def test_accepted_findings_have_a_reason_and_a_file() -> None:
    """Each rule says why, once, and names only files that are there."""
    rules = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))["accepted"]
    assert len({rule["rule"] for rule in rules}) == len(rules)
    assert all(len(rule["reason"]) > 20 for rule in rules)
    assert [path for rule in rules for path in rule["files"] if not (ROOT / path).is_file()] == []


def test_package_that_was_skipped_is_a_problem() -> None:
    """Only a report that really has the wanted package, with no vulnerability, passes."""
    assert unaudited({"dependencies": [DRIVER | {"vulns": []}]}, "driver") == []
    assert unaudited({"dependencies": []}, "driver") == ["driver was not audited"]
    skipped = {"name": "driver", "skip_reason": "not found"}
    assert unaudited({"dependencies": [skipped]}, "driver") == ["driver was not audited: not found"]
    bad = DRIVER | {"vulns": [{"id": "CVE-1"}]}
    assert unaudited({"dependencies": [bad]}, "driver") == ["driver 9.7: CVE-1"]
