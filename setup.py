"""What pyproject.toml cannot say: the SQL files go into the package of the server, not beside it."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithSql(build_py):
    """Copy `sql/` to where an installed server looks for it."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        source, target = Path("sql"), Path(self.build_lib) / "chat_server" / "sql"
        for path in sorted(source.rglob("*.sql")):
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / path.relative_to(source))


setup(cmdclass={"build_py": BuildWithSql})
