"""The sample news: what is true of the story before anything plays it."""

from datetime import UTC, timedelta

import pytest

from tests.demo.stories import a_story, some_news
from watcher.demo.story import Story, load_story
from watcher.model.news import FeedId


@pytest.fixture(scope="module")
def story() -> Story:
    return load_story()


def test_everything_is_published_by_an_outlet_of_the_story_in_order_of_time(story: Story) -> None:
    news = list(story.news())

    assert {each.by for each in news} == {outlet.id for outlet in story.outlets}
    assert [each.at for each in news] == sorted(each.at for each in news)
    assert all(each.at.tzinfo is UTC for each in news)


def test_scenes_never_overlap(story: Story) -> None:
    assert all(
        before.ends < after.begins for before, after in zip(story.scenes, story.scenes[1:], strict=False)
    )


def test_no_outlet_publishes_two_things_in_one_minute(story: Story) -> None:
    places = [(each.by, each.at) for each in story.news()]

    assert len(places) == len(set(places))


def test_news_that_must_be_alerted_is_not_also_expected_to_be_quiet(story: Story) -> None:
    assert [each.title for each in story.news() if each.quiet and each.alerts] == []


def test_the_story_shows_formats_languages_and_claims_of_every_kind(story: Story) -> None:
    claims = {expected.claim for each in story.news() for expected in each.alerts}

    assert {outlet.format for outlet in story.outlets} == {"rss", "atom", "rdf", "json"}
    assert {"en", "ko", "ja", "zh-Hans"} == {outlet.language for outlet in story.outlets}
    assert {"occurred", "imminent", "speculated", "denied"} <= claims


def test_an_outlet_shows_what_it_has_published_so_far_the_newest_first() -> None:
    first, second = some_news("One", minutes=0), some_news("Two", minutes=30)
    story = a_story(first, second)

    assert story.published(FeedId("wire-en"), second.at) == [second, first]
    assert story.published(FeedId("wire-en"), second.at - timedelta(minutes=1)) == [first]
