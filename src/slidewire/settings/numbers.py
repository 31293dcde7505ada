"""Settings with a number of their own kind."""

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
#: Bytes of an MMS body before transfer encoding; by sender kind where it is a table ("any" is one).
MmsBytes = Count | dict[str, AtLeastOne]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
