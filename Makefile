# Two commands do all the set-up: `make demo` shows the product, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test torture check format requirements requirements-compile clean

help:
	@echo "make demo    install, load the sample program, start web, worker and beat (PORT=8000 to choose)"
	@echo "make test    install and run the tests, with PostgreSQL, Redis and a browser where they are found"
	@echo "make torture the promises at full scale: thousands of mails, workers killed by signal 9; a page says what was proved (an hour)"
	@echo "make check   ruff, format, mypy, migrations, Django's own checks for production"
	@echo "make format  put the code into shape"
	@echo "make requirements   which test protects which rule of the programs' guidelines"
	@echo "make requirements-compile   write requirements*.txt anew from requirements*.in"
	@echo "make clean   forget the environment and the demo's data"

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.12 make …)."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/installed
	MODE=demo $(BIN)/python manage.py demo

test: $(VENV)/installed-dev
	@$(BIN)/python .ci/found.py
	$(BIN)/pytest -q -n auto
	@eval "$$($(BIN)/python .ci/found.py --exports)"; \
	if [ -n "$$MARKS" ]; then $(BIN)/pytest -q -n 2 --promises -m "$$MARKS"; fi

# One file in each of two processes at a time. What is proved nowhere yet is named on the page at the end.
torture: $(VENV)/installed-dev
	@missing=$$($(BIN)/python .ci/found.py); [ -z "$$missing" ] || { echo "$$missing"; echo "make torture needs all of them."; exit 1; }
	@eval "$$($(BIN)/python .ci/found.py --exports)"; \
	TORTURE=full $(BIN)/pytest -q -n 2 --nothing-skipped --promises --durations 15 -m "race or kill or promise"

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	MODE=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') SITE_URL=https://mentoring.example.org \
	  ALLOWED_HOSTS=mentoring.example.org REDIS_URL=redis://127.0.0.1:6379/0 EMAIL_URL=smtp://127.0.0.1:2525 DEFAULT_FROM_EMAIL=mentoring@example.org \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: $(VENV)/installed
	@$(BIN)/python manage.py requirements

requirements-compile: $(VENV)/installed-dev
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host requirements.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host requirements-dev.in

clean:
	rm -rf $(VENV) var staticfiles
