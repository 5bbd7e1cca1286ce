"""A mapping becomes the value that has its fields, and what is not written is as the value has it."""

from dataclasses import MISSING, fields

import pytest

from watcher.config.models import feeds, indicators
from watcher.config.models.groups import NearModel
from watcher.config.models.strict import Strict
from watcher.model import language, news

MADE_OF = [
    (NearModel, language.Near),
    (indicators.HolderModel, language.Holder),
    (indicators.EntityModel, language.Entity),
    (indicators.CalendarModel, language.Calendar),
    (indicators.TimingModel, language.Timing),
    (indicators.CorroborationModel, language.Corroboration),
    (indicators.JoiningModel, language.Joining),
    (indicators.SequenceModel, language.SequencePattern),
    (indicators.SeismicModel, language.SeismicPattern),
    (indicators.AuthorityModel, language.AuthorityPattern),
    (indicators.ThresholdsModel, language.BoardRules),
    (indicators.BoardModel, language.BoardRules),
    (indicators.DefaultsModel, language.Indicator),
    (indicators.IndicatorModel, language.Indicator),
    (feeds.FeedDefaultsModel, news.Feed),
    (feeds.FeedModel, news.Feed),
    (feeds.LoginModel, news.Login),
]


@pytest.mark.parametrize(("model", "value"), MADE_OF)
def test_what_a_model_leaves_out_is_as_its_value_has_it(model: type[Strict], value: type) -> None:
    defaults = {each.name: each.default for each in fields(value) if each.default is not MISSING}
    # None is "as the defaults of the file say", which are in this list themselves; examples know their place.
    ours = {
        name: each.default
        for name, each in model.model_fields.items()
        if name in defaults and name != "examples" and each.default not in (None, {})
    }

    assert ours == {name: defaults[name] for name in ours}
