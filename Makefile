# `make` alone lists the targets. Variables: HOST, PORT, DATABASE and ARGS for the server, ARGS for the other programs,
# PYTHON for the interpreter that makes the virtual environment and runs the client.

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python

# The database's URL holds a password: it travels in the environment, where no process list shows it. `value` keeps
# make from reading a `$` in it.
ifneq ($(value DATABASE),)
export CHAT_DATABASE := $(value DATABASE)
endif
ifneq ($(HOST),)
export CHAT_HOST := $(HOST)
endif
ifneq ($(PORT),)
export CHAT_PORT := $(PORT)
endif

.DEFAULT_GOAL := help
.PHONY: help venv server client admin invite test test-long lint format types check mutants file-map data-model docs key-table conversations \
    conversations-page bench bench-smoke growth-pictures race siege bandit audit chaos cluster galera screenshots dist deb app test-app test-install test-debian clean

help: ## list the targets
	@echo "usage: make <target> [HOST=127.0.0.1] [PORT=5000] [DATABASE=mysql://user:password@host/name] [ARGS='…']"
	@sed -n 's/^\([a-z%-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r name text; do \
	    printf '  %-14s %s\n' "$$name" "$$text"; done

venv: $(VENV)/.runtime ## make .venv and install requirements.txt

server: $(VENV)/.runtime ## start the server, with its administration console in this terminal
	@exec $(RUN) -m chat_server $(ARGS)

client: ## start the client (needs only Python with Tk)
	@$(PYTHON) -c 'import sys, tkinter; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "The client needs Python 3.11 or newer with Tk, and $(PYTHON) is not that. Install it, for example with" >&2; \
	    echo "  Debian, Ubuntu: sudo apt-get install python3-tk" >&2; \
	    echo "  Fedora:         sudo dnf install python3-tkinter" >&2; \
	    echo "  macOS:          brew install python-tk" >&2; \
	    echo "or name another interpreter: make client PYTHON=/usr/bin/python3" >&2; exit 1; }
	@exec $(PYTHON) -m chat_client $(ARGS)

admin: $(VENV)/.runtime ## run one administration command: make admin ARGS="…"
	@exec $(RUN) -m chat_server.admin $(ARGS)

invite: $(VENV)/.runtime ## print the link by which people come to the running server; HOST=chat.example.org names it
	@exec $(RUN) -m chat_server.admin invite $(HOST)

# One file for colleagues, and a wheel. INVITE=chat://host:port/?fp=… tells the client where to go.
dist: $(VENV)/.runtime ## make dist/chat-client.pyz (INVITE=chat://…) and a wheel of everything
	@rm -rf build
	@$(RUN) packages/pyz.py dist/chat-client.pyz $(if $(INVITE),'$(INVITE)')
	@$(RUN) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@rm -rf build && ls dist/*.whl

# The driver of MySQL in its form without compiled parts, which every Python of Debian and Ubuntu takes.
deb: $(VENV)/.runtime ## make dist/chat-server_…_all.deb, for Debian 12 and later and Ubuntu 24.04
	@rm -rf build/driver
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --platform any \
	    --only-binary=:all: --target build/driver -r requirements.txt
	@$(RUN) packages/deb.py dist --driver build/driver
	@rm -rf build

app: $(VENV)/.runtime ## freeze the client for this kind of machine: dist/chat-client/ (INVITE=chat://…)
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r packages/requirements.txt
	@mkdir -p dist && rm -f dist/invitation.txt $(if $(INVITE),&& printf '%s' '$(INVITE)' > dist/invitation.txt)
	@$(RUN) -m PyInstaller --noconfirm --log-level ERROR --distpath dist --workpath build packages/chat-client.spec
	@rm -rf build dist/invitation.txt && echo "wrote dist/chat-client/chat-client"

test-app: $(VENV)/.tests ## freeze the client, and see whether it works alone: in its window and in the terminal
	@$(RUN) -m pytest tests/packages/frozen.py $(ARGS)

# Many tests wait for time-outs and for programs to start: three at a time keep two cores busy. Those marked `long` run in
# `make test-long` alone; what ARGS names runs all the same. A worker that crashed ends the run: with a new one in its place
# pytest-xdist waits for ever.
WORKERS ?= 3
SIDE_BY_SIDE = --numprocesses $(WORKERS) --dist loadfile --max-worker-restart 0
# They start programs by the hundred: without bytecode on the disk, each would compile itself first.
test test-long: export PYTHONDONTWRITEBYTECODE =
# What must be reached by the whole suite: 95 % of the lines and branches, package by package.
REACHED = chat_protocol chat_server/pipeline chat_server/storage chat_client/model
REACHES = printf '%-22s' $(package) && $(RUN) -m coverage report --include '$(package)/*' --format=total --fail-under=95 \
    || { echo 'the tests reach less than 95 % of $(package)' >&2; status=1; };
test: PYTEST = pytest $(if $(ARGS),$(ARGS),$(SIDE_BY_SIDE) -m 'not long')
test: $(VENV)/.tests ## run the tests but for the long ones; ARGS="tests/chat_server -k join" picks some, long ones too
	@$(RUN) -m $(PYTEST)

test-long: PYTEST = pytest $(if $(ARGS),$(ARGS),$(SIDE_BY_SIDE))
test-long: $(VENV)/.tests ## run all tests; COVERAGE=1 tells what they reach, and fails below 95 % of the core
ifdef COVERAGE
	@$(RUN) -m coverage erase
	@$(RUN) -m coverage run -m $(PYTEST); status=$$?; \
	    $(RUN) -m coverage combine --quiet && $(RUN) -m coverage report; \
	    $(if $(ARGS),,$(foreach package,$(REACHED),$(REACHES))) exit $$status
else
	@$(RUN) -m $(PYTEST)
endif

lint: $(VENV)/.tests ## look for mistakes and for formatting (ruff)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: $(VENV)/.tests ## format the code (ruff)
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

types: $(VENV)/.tests ## check the types (mypy --strict)
	@$(RUN) -m mypy

check: lint types test ## lint, types, tests but for the long ones

screenshots: $(VENV)/.tests ## take the pictures in docs/screenshots of the real window (needs Xvfb); ARGS="--scale 2"
	@$(RUN) -m tests.chat_client.ui.screenshots $(ARGS)

# SEED chooses the faults, SIZE how many are tried (0: all), ARGS="chat_server/net" where.
mutants: $(VENV)/.tests ## put small faults into a copy of the program, one at a time; fail when the tests see too few
	@$(RUN) -m tests.mutants $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(ARGS)

file-map: ## write docs/build/file-map.md from the modules' first sentences
	@$(PYTHON) -m tests.support.filemap

data-model: $(VENV)/.runtime ## write docs/build/data-model.md from a new database
	@$(RUN) -m tests.support.data_model

docs: $(VENV)/.docs ## make dist/docs from the pages and the docstrings (Sphinx; a warning is an error)
	@$(RUN) -m sphinx --builder html --fail-on-warning --keep-going --quiet docs dist/docs
	@echo "wrote dist/docs/index.html"

key-table: ## write the tables of keys of docs/use/client.md and client.fr.md from the table of actions
	@$(PYTHON) -m tests.support.key_table

conversations: $(VENV)/.tests ## hold the conversations of the protocol with a real server, on both databases
	@$(RUN) -m pytest -q tests/conversations $(ARGS)

conversations-page: ## write docs/build/conversations.md from the conversations
	@$(PYTHON) -m tests.conversations.page

# N, TLS=1, SECONDS and DATABASE (a URL of an empty database, or `mariadb` for a private one) choose what is measured.
bench: $(VENV)/.runtime ## measure everything (a few minutes): a table, and JSON in bench-results/
	@$(BENCH_DATABASE) $(RUN) -m benchmarks all $(BENCH_ARGS) $(ARGS)

bench-smoke: $(VENV)/.runtime ## measure shortly; fail on loss, on a hole in the order, on a collapse of speed
	@$(RUN) -m benchmarks smoke $(ARGS)

# RESULTS is the file that `make bench-growth` has written.
growth-pictures: $(VENV)/.docs ## draw how cost grows for docs/run: make growth-pictures RESULTS=bench-results/….json
	@$(RUN) -m benchmarks.pictures $(RESULTS) docs/run/pictures

bench-cluster bench-cluster-crowd: $(VENV)/.cluster

bench-%: $(VENV)/.runtime ## measure one thing: bench-flood N=200 TLS=1, bench-latency, bench-idle, …
	@$(BENCH_DATABASE) $(RUN) -m benchmarks $* $(BENCH_ARGS) $(ARGS)

# ARGS="--python python3.11 --python python3.13" races interpreters with each other, too.
race: $(VENV)/.runtime ## race this server with InspIRCd and ngIRCd, by turns: make race N=50 ROUNDS=5
	@$(RUN) -m benchmarks.race $(if $(N),--n $(N)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

# PART chooses one part; DATABASE=mariadb for a private one; TURNS of calm, siege and control.
siege: $(VENV)/.runtime ## besiege a server of its own: strangers, guesses, a hostile member; fail when users notice too much
	@$(BENCH_DATABASE) $(RUN) -m benchmarks.siege $(PART) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(N),--n $(N)) $(if $(TURNS),--turns $(TURNS)) $(ARGS)

# What accepted findings are and why stands in tests/audit/accepted.toml.
bandit: $(VENV)/.audit ## look for weak places in the code (bandit); fail on a finding that nobody has accepted
	@$(RUN) -m tests.audit code

audit: $(VENV)/.audit bandit ## and ask whether what running needs has known vulnerabilities (pip-audit, over the network)
	@$(RUN) -m tests.audit packages

# Only what was given here: a CHAT_DATABASE in the environment may be the one that people work with.
BENCH_DATABASE = $(if $(value DATABASE),CHAT_BENCH_DATABASE="$$CHAT_DATABASE")
BENCH_ARGS = $(if $(N),--n $(N)) $(if $(TLS),--tls) $(if $(SECONDS),--seconds $(SECONDS))

# ROUNDS, SEED and DATABASE (sqlite or mariadb) choose what is broken; CLUSTER=1 takes three servers, Galera and Redis.
chaos: $(VENV)/.tests ## break a running server and its database at random, check that no message is lost
	@$(RUN) -m tests.chaos $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(DATABASE),--database $(DATABASE)) $(if $(CLUSTER),--cluster $(filter group,$(CLUSTER))) $(ARGS)

cluster: $(VENV)/.cluster ## try two servers on a private MariaDB and Redis: prints an invitation, Ctrl-C ends all
	@exec $(RUN) -m tests.cluster

galera: $(VENV)/.tests ## kill and freeze nodes of a private Galera under two servers, check that no message is lost
	@$(RUN) -m tests.galera

# RELEASE chooses bookworm or trixie; ARGS="--folder FOLDER" keeps the bare roots for the next time.
test-install: $(VENV)/.tests ## follow docs/run/install.md word for word on bare Debian 12 and 13 (root, mmdebstrap)
	@$(RUN) -m tests.installation $(RELEASE) $(ARGS)

# ARGS picks tests; ARGS="--folder FOLDER" keeps the bare root for the next time.
test-debian: $(VENV)/.tests ## run the tests of TLS, sockets and the protocol on Debian 13's own Python (root, mmdebstrap)
	@$(RUN) -m tests.installation.own_python $(ARGS)

clean: ## remove what the targets made, except the server's data folder
	@rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis bench-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp for each set of packages: nothing is installed twice. When the packages cannot be fetched, an environment
# that served before goes on serving.
$(VENV)/.runtime: requirements.txt
	$(call install,requirements.txt)

$(VENV)/.tests: requirements.txt requirements-cluster.txt tests/requirements.txt
	$(call install,tests/requirements.txt,$(VENV)/.runtime)

$(VENV)/.cluster: requirements.txt requirements-cluster.txt
	$(call install,requirements-cluster.txt)

$(VENV)/.audit: requirements.txt tests/audit/requirements.txt
	$(call install,tests/audit/requirements.txt,$(VENV)/.runtime)

$(VENV)/.docs: requirements.txt docs/requirements.txt
	$(call install,docs/requirements.txt,$(VENV)/.runtime)

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "$(PYTHON) is not Python 3.11 or newer; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(RUN) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || { \
	    echo "The virtual environment could not be made. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; \
	    rm -rf $(VENV); exit 1; }
	@echo "Installing $(1) into $(VENV) …" >&2
	@if $(RUN) -m pip install --quiet --disable-pip-version-check --retries 2 -r $(1); then touch $@ $(2) 2>/dev/null || true; \
	elif test -e $@; then echo "$(1) could not be installed; going on with $(VENV) as it is." >&2; \
	else echo "$(1) could not be installed. Without network, the server runs on SQLite with: $(PYTHON) -m chat_server" >&2; exit 1; fi
endef
