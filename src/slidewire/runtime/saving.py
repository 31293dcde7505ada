"""Saved messages put together: the calls that an account makes about them, and what encodes them."""

from slidewire.api.doors import TemplateDoors
from slidewire.domain.checks import Rules
from slidewire.intake.accept import Intake, Tools
from slidewire.intake.saved import SavedMessages, SavedTools
from slidewire.runtime.configure import span
from slidewire.runtime.media import Media
from slidewire.settings import Settings
from slidewire.store.database import Database
from slidewire.work.encode import ENCODES, Encode, EncodeTools
from slidewire.work.means import Means

#: Seconds that a file may take besides its look and its encodes: waiting for them, the images beside it.
_SLACK = 120.0


def template_doors(intake: Intake, tools: Tools, database: Database, media: Media, rules: Rules) -> TemplateDoors:
    """What the API reaches templates by."""
    saved = SavedMessages(SavedTools(tools, intake, database, media.store, media.av, rules))
    return TemplateDoors(saved.save, saved.send, saved.ids, saved.page, saved.delete)


def encode_step(settings: Settings, means: Means, media: Media) -> Encode:
    """The step that encodes templates. Raises SettingsError."""
    told = settings.media
    longest = span(told.look_time, "media.look_time") + ENCODES * span(told.encode_time, "media.encode_time")
    tools = EncodeTools(
        store=media.store,
        av=media.av,
        previews=media.previews,
        max_bytes=told.saved_bytes,
        at_once=told.jobs,
        lease=longest + _SLACK,
    )
    return Encode(means, tools)
