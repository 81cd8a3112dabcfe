"""Clockify's detailed report (CSV) as time use."""

from autosim.evidence.formats.toggl import ORDER
from autosim.evidence.tracking.entries import Time
from autosim.evidence.tracking.rows import Read, tracker
from autosim.evidence.tracking.sheets import Sheet, read_sheets

SHEET = Sheet(
    user=("User",),
    start=(("Start Date",), ("Start Time",)),
    end=(("End Date",), ("End Time",)),
    duration=("Duration (h)",),
    fields={
        "project": ("Project",),
        "client": ("Client",),
        "tag": ("Tags", "Tag"),
        "category": ("Task",),
        "description": ("Description",),
    },
)


def read(asked: Read) -> tuple[Time, str]:
    """Read detailed reports; see `read_sheets`."""
    return read_sheets(asked, SHEET, asked.own["date_order"])


FORMAT = tracker("clockify", "Clockify", "Clockify's detailed report (CSV) as time use.", read, ORDER)
