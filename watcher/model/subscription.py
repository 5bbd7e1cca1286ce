"""What a hub was asked for: to tell us of a feed's news."""

from dataclasses import dataclass, field
from datetime import datetime

from watcher.model.news import FeedId, Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription at a hub, asked for or agreed.

    `callback` is the address of ours that the hub calls, made for this subscription alone, and `secret` signs
    what the hub sends: whoever knows both can make us look at the feed, and nothing else. `asked` is when we
    last asked, `tries` how often since the hub last agreed; that was at `agreed`, for as long as `until`.
    """

    feed: FeedId
    hub: Hub
    callback: str = field(repr=False)
    secret: str = field(repr=False)
    asked: datetime
    tries: int = 1
    agreed: datetime | None = None
    until: datetime | None = None
