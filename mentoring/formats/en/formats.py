"""How dates stand in the admin's own lists: with their weekday, the day before the month, twenty-four hours."""

DATE_FORMAT = "D, j\u00a0F Y"
DATETIME_FORMAT = "D, j\u00a0F Y, H:i"
TIME_FORMAT = "H:i"
SHORT_DATE_FORMAT = "j\u00a0M Y"
SHORT_DATETIME_FORMAT = "j\u00a0M Y, H:i"
