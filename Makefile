# What a contributor does. Each is a line of dev.py, so `python3 dev.py ...` does the same where there is no make.
PYTHON ?= python3

.PHONY: demo test coverage lint setup case golden example slow oldest faults fuzz growth picture wheel clean help
help:  ## show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

demo:  ## build the example and run it at two instants
	$(PYTHON) dev.py demo
test:  ## every check and every test, as CI does
	$(PYTHON) dev.py test
coverage:  ## every test, and which lines they reach
	$(PYTHON) dev.py coverage
lint:  ## ruff, mypy, import-linter: seconds
	$(PYTHON) dev.py lint
setup:  ## make .venv with all tools
	$(PYTHON) dev.py setup
case:  ## the stories alone, `make case CASE=limit` for some of them
	$(PYTHON) dev.py test tests/cases -q -k "$(or $(CASE),test)"
golden:  ## write the golden plans and SQL anew after a change that is meant; then read the diff
	$(PYTHON) dev.py golden
example:  ## compile the example anew, as its committed models must follow the rules
	$(PYTHON) dev.py compile
slow:  ## long fuzzing and fresh environments
	$(PYTHON) dev.py test -m slow
oldest:  ## a part of the tests with the oldest versions that pyproject.toml allows
	$(PYTHON) dev.py oldest
faults:  ## a hundred kills and twenty pairs of runs at once on DuckDB and on PostgreSQL: half an hour and more
	$(PYTHON) dev.py test -q -s -m slow tests/faults tests/engines/test_example.py
fuzz:  ## hundreds of random projects and series of runs
	$(PYTHON) dev.py test -q -m slow tests/histories tests/property
growth:  ## a year of daily runs: the last ten against runs 6 to 15
	$(PYTHON) dev.py growth
picture:  ## run the example week by week and draw the README's picture
	$(PYTHON) dev.py picture
wheel:  ## build the packages and try them in an empty environment
	$(PYTHON) dev.py wheel
clean:  ## remove .venv and whatever was made
	$(PYTHON) dev.py clean
