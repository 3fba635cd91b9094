#!/usr/bin/env python
"""Django's command line: `python manage.py help`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 (reading one setting reads the whole file)
    except ImproperlyConfigured as refused:
        sys.exit(str(refused))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
