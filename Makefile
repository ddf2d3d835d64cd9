# The two commands of the README are `make demo` and `make test`; both set up everything they need.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-full fuzz check lock samples bench docs site bundle clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "needs $(PYTHON) (set PYTHON=... for another name)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q inspector  # the child that inspects cannot write byte code
	@touch $@

demo: setup
	$(BIN)/python tools/demo.py

test: setup
	$(BIN)/python -m pytest -m "not realworld and not browser and not attack"

test-full: setup
	$(BIN)/python -m pytest

fuzz: setup
	$(BIN)/python -m pytest --hypothesis-profile=explore -k "$(or $(ONLY),any or every)" -m "not realworld and not browser"

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
	$(PYTHON) -m piptools compile --quiet --generate-hashes --allow-unsafe --extra dev --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist demo-output site *.egg-info
