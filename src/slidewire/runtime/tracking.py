"""What the API follows messages by, put together."""

from slidewire.api.doors import TrackingDoors
from slidewire.intake.tracking import Tracking, TrackingTools
from slidewire.work.means import Means


def tracking_doors(means: Means) -> TrackingDoors:
    """The calls that an account makes about messages that it sent."""
    tools = TrackingTools(means.database, means.commits, means.new_id, means.now, means.wake)
    tracking = Tracking(tools)
    return TrackingDoors(tracking.find, tracking.page, tracking.cancel)
