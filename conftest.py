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
