# The two commands of the README are `make demo` and `make test`; both set up everything they need.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One worker per core; WORKERS=0 runs all in one process, as a debugger wants it.
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal
PACKERS := $(VENV)/.packers
COMPILE := -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: setup packers demo test test-full fuzz check lock samples bench docs site bundle clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "needs $(PYTHON) (set PYTHON=... for another name)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q inspector  # the child that inspects cannot write byte code
	@touch $@

# Packers that pip has, for tests that skip without them; some come as source only, hence no --only-binary.
packers: $(PACKERS)

$(PACKERS): tests/packers.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --no-build-isolation -r tests/packers.lock
	@touch $@

demo: setup
	$(BIN)/python tools/demo.py

test: setup
	$(PYTEST) -m "not realworld and not browser and not attack"

test-full: packers
	$(PYTEST)

fuzz: setup
	$(PYTEST) --hypothesis-profile=explore -k "$(or $(ONLY),any or every)" -m "not realworld and not browser"

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/inspector signatures lint
	$(BIN)/inspector signatures fmt --check signatures

docs: setup
	$(BIN)/python tools/build_catalogue.py
	$(BIN)/python tools/build_reference.py

site: setup
	$(BIN)/python tools/build_site.py

bundle: setup
	$(BIN)/python tools/build_offline_bundle.py

samples: setup
	$(BIN)/python samples/build.py

lock:
	$(PYTHON) $(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	$(PYTHON) $(COMPILE) --constraint requirements.lock --output-file tests/packers.lock tests/packers.in

clean:
	rm -rf $(VENV) build dist demo-output site *.egg-info
