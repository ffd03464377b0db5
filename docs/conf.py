"""How Sphinx makes the documentation, from the pages and from the docstrings; `make docs`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

project = "Chat"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinxcontrib.mermaid"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"
exclude_patterns = ["README.md", "requirements.txt"]
html_theme = "alabaster"
html_theme_options = {"page_width": "72em", "sidebar_width": "18em"}

myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
# Pages link to files of the project, which a reader finds beside them and Sphinx does not copy.
suppress_warnings = ["myst.xref_missing", "myst.header"]

default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "undoc-members": False}
nitpicky = False
