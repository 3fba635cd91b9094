"""What every test run shares: nothing is skipped in silence, nothing leaves this machine, the clock starts real."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--nothing-skipped", action="store_true", help="a skipped test fails the run")


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
