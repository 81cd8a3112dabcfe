"""Toggl Track's detailed report (CSV) as time use."""

from autosim.evidence.importing import Option
from autosim.evidence.tracking.entries import Time
from autosim.evidence.tracking.rows import Read, tracker
from autosim.evidence.tracking.sheets import Sheet, read_sheets

SHEET = Sheet(
    user=("User", "Member"),
    start=(("Start date",), ("Start time",)),
    end=(("End date", "Stop date"), ("End time", "Stop time")),
    duration=("Duration",),
    fields={
        "project": ("Project",),
        "client": ("Client",),
        "tag": ("Tags",),
        "category": ("Task",),
        "description": ("Description",),
    },
)
ORDER = Option("--date-order", "Order of dates, ymd, mdy or dmy; as dates tell unless told.")


def read(asked: Read) -> tuple[Time, str]:
    """Read detailed reports; see `read_sheets`."""
    return read_sheets(asked, SHEET, asked.own["date_order"])


FORMAT = tracker("toggl", "Toggl Track", "Toggl Track's detailed report (CSV) as time use.", read, ORDER)
