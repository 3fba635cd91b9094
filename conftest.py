"""What every test run shares: nothing is skipped in silence, nothing leaves this machine, the clock starts real."""

import re
from importlib.util import find_spec

import pytest

from mail.tests.scale import Figures
from mentoring.tests.promises import PROMISES, page

# What stands in requirements-dev.txt only: `pip install -r requirements.txt && pytest` runs all but these files.
NEEDS = {
    "hypothesis": r"^(from|import) hypothesis",
    "time_machine": r"^(from|import) time_machine",
    "playwright": r"playwright|^from mentoring\.tests.*browser",
}
# Files that look at the same costly thing (a walk over all pages, the four played years) run in one process.
TOGETHER = {
    "the walk": ("mentoring/tests/test_matrix.py", "mentoring/tests/test_pages.py"),
    "the years": ("mentoring/tests/test_rehearsal.py", "mentoring/tests/test_rehearsal_four.py"),
}
LEFT_OUT: dict[str, list[str]] = {}


def pytest_ignore_collect(collection_path, config):
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    for package, imported in NEEDS.items():
        if find_spec(package) is None and re.search(imported, collection_path.read_text(), re.MULTILINE):
            LEFT_OUT.setdefault(package, []).append(collection_path.name)
            return True
    return None


def pytest_terminal_summary(terminalreporter):
    for package, files in LEFT_OUT.items():
        names = ", ".join(sorted(set(files)))
        terminalreporter.write_line(f"Left out, because {package} (requirements-dev.txt) is not installed: {names}")
    if terminalreporter.config.getoption("--promises"):
        said = [one for found in terminalreporter.stats.values() for one in found if isinstance(one, pytest.TestReport)]
        for line in page(one for one in said if one.when == "call" or one.outcome != "passed"):
            terminalreporter.write_line(line)


def pytest_addoption(parser):
    parser.addoption("--nothing-skipped", action="store_true", help="a skipped test fails the run")
    parser.addoption("--promises", action="store_true", help="print which promise this run proved, with its figures")


def pytest_collection_modifyitems(items):
    """The promise that a test proves travels with its report."""
    for item in items:
        for name in [name for mark in item.iter_markers("promise") for name in mark.args]:
            if name not in PROMISES:
                raise pytest.UsageError(f"{item.nodeid}: there is no promise {name}")
            item.user_properties.append(("promise", name))


@pytest.fixture
def figures(request):
    """Where a proof says what it measured: `figures.say("G5", mails=1000, lost=0)`."""
    return Figures(request.node.user_properties)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays in one process, and so do the files of `TOGETHER`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::", 1)[0]
            return next((what for what, files in TOGETHER.items() if file.endswith(files)), file)

    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--nothing-skipped") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        reporter.write_line("Skipped tests are not allowed here (--nothing-skipped).", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True, scope="session")
def _history_can_be_swept_between_tests():
    """SQLite's flush deletes row by row, which the history's trigger refuses: it goes first, post_migrate makes it again."""
    from django.db.backends.sqlite3.base import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def without_trigger(self, sql_list):
        drop = [f"DROP TRIGGER IF EXISTS members_entry_no_{act}" for act in ("update", "delete")]
        return flush(self, [*drop, *sql_list])

    DatabaseOperations.execute_sql_flush = without_trigger
    yield
    DatabaseOperations.execute_sql_flush = flush
