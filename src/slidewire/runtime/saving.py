"""Saved messages and campaigns put together: the calls that an account makes about them, and what encodes them."""

from collections.abc import Callable

from slidewire.api.doors import CampaignDoors, TemplateDoors
from slidewire.carriers.base import Route
from slidewire.intake.joining import Campaigns, CampaignTools
from slidewire.intake.saved import SavedMessages, SavedTools
from slidewire.intake.subscribers import Subscribers, SubscriberTools
from slidewire.runtime.batches import Taking
from slidewire.runtime.media import Media
from slidewire.settings import Settings
from slidewire.store.database import Database
from slidewire.work.encode import Encode, EncodeTools
from slidewire.work.means import Means
from slidewire.work.refit import Refit, RefitTools
from slidewire.work.settle import Settler


def saved_doors(taken: Taking, database: Database, media: Media) -> tuple[TemplateDoors, CampaignDoors]:
    """What the API reaches templates by, and campaigns, to whose phones templates are sent."""
    intake, tools = taken.intake, taken.tools
    saved = SavedMessages(SavedTools(tools, intake, database, media.store, media.av, taken.rules))
    campaigns = Campaigns(CampaignTools(tools, intake, database))
    subscribers = Subscribers(SubscriberTools(intake, saved, database, taken.batches))
    return (
        TemplateDoors(saved.save, saved.send, saved.ids, saved.page, saved.delete),
        CampaignDoors(campaigns.create, campaigns.every, campaigns.move, subscribers.send, subscribers.send_campaign),
    )


def encode_step(settings: Settings, means: Means, media: Media) -> Encode:
    """The step that encodes templates."""
    told = settings.media
    return Encode(means, EncodeTools(media.store, media.av, media.previews, told.saved_bytes, told.jobs))


def refit_step(
    settings: Settings, means: Means, media: Media, settler: Settler, route: Callable[[str], Route]
) -> Refit:
    """The step that makes their audio and video smaller for one network."""
    tools = RefitTools(media.store, media.av, media.maker, settings.media.jobs, route)
    return Refit(means, tools, settler)
