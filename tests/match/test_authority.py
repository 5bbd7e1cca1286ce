"""Authority: the issuer counts before the form, in four languages, and a higher rank is a step up."""

import pytest

from tests.builders import a_list, an_item
from tests.flow.harness import Harness, harness, rules
from watcher.match import compile_list
from watcher.model.alerts import Hit, Reason

LIST = """
board: {speak: []}
entities:
  leader: {names: [Kim Jong Un, 김정은, 金正恩, Ким Чен Ын]}
  sister: {names: [Kim Yo Jong, 김여정, 金与正, Ким Ё Чжон]}
  ministry: {names: [foreign ministry, 외무성, 外務省, 外务省, МИД КНДР]}
  institute: {names: [KCNA commentator, research institute]}
indicators:
  - id: pyongyang-speaks
    title: Statement of Pyongyang
    category: rhetoric
    severity: low
    heeds: [historical, background]
    authority:
      issuers:
        leader: $leader
        sister: $sister
        government: [government, state affairs commission]
        ministry: $ministry
        institute: $institute
      forms:
        statement: [statement, 성명, 声明, заявлени*]
        press-statement: [press statement, 담화, 談話, 谈话, пресс-заявлени*]
        answer: [answer*, 대답]
        commentary: [commentary, 논평, 論評]
      words: 8
    joins: {family: words, by: happening, quiet: 12h}
"""
MATCHER = compile_list(a_list(LIST))


def hit(title: str) -> Hit | None:
    return next(iter(MATCHER.match(an_item(title))), None)


@pytest.mark.parametrize(
    ("title", "issuer", "form"),
    [
        ("Kim Jong Un issues statement on drills", "leader (rank 1 of 5)", "statement (rank 1 of 4)"),
        (
            "Kim Yo-jong in press statement: we will respond",
            "sister (rank 2 of 5)",
            "press-statement (rank 2 of 4)",
        ),
        (
            "Foreign Ministry spokesman answers question put by KCNA",
            "ministry (rank 4 of 5)",
            "answer (rank 3 of 4)",
        ),
        ("KCNA commentator publishes commentary", "institute (rank 5 of 5)", "commentary (rank 4 of 4)"),
        ("김여정, 담화 발표", "sister (rank 2 of 5)", "press-statement (rank 2 of 4)"),
        ("北朝鮮外務省が談話", "ministry (rank 4 of 5)", "press-statement (rank 2 of 4)"),
        ("МИД КНДР выступил с заявлением", "ministry (rank 4 of 5)", "statement (rank 1 of 4)"),
    ],
)
def test_who_speaks_and_how_is_named_with_its_rank(title: str, issuer: str, form: str) -> None:
    found = hit(title)

    assert found is not None
    assert found.evidence[:2] == (issuer, form)


def test_the_issuer_counts_before_the_form() -> None:
    ranked = [
        "Foreign Ministry commentary",
        "Foreign Ministry statement",
        "Government commentary",
        "Kim Yo Jong 논평",
        "Kim Jong Un 성명",
    ]

    rungs = [found.step for title in ranked if (found := hit(title))]

    assert rungs == sorted(set(rungs))
    assert len(rungs) == len(ranked)


def test_the_highest_that_speaks_counts() -> None:
    found = hit("Foreign Ministry statement follows Kim Yo Jong statement")

    assert found is not None
    assert found.evidence[0] == "sister (rank 2 of 5)"


def test_somebody_who_says_nothing_in_any_form_is_no_hit() -> None:
    assert hit("Kim Jong Un visits farm") is None
    assert (
        hit(
            "Government statement was expected by many in a long debate, "
            "said somebody near the Foreign Ministry"
        )
        is not None
    )


def test_a_higher_rank_on_the_same_matter_is_a_step_up_and_a_lower_one_is_none() -> None:
    watch = Harness(harness("wire").feeds, rules(LIST))
    titles = (
        "Foreign Ministry commentary on drills",
        "Kim Yo Jong statement on drills",
        "KCNA commentator: commentary on drills",
    )
    said = [an_item(title) for title in titles]

    told = []
    for count in (1, 2, 3):
        watch.news.publishes("wire", *said[:count])
        told += watch.hears(1)

    assert told == [
        (Reason.NEW, "Foreign Ministry commentary on drills"),
        (Reason.ESCALATED, "Kim Yo Jong statement on drills"),
    ]
