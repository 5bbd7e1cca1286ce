"""What is true of labels, and of hits compared with them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.news import an_archive, line
from watcher.clock import utc_now
from watcher.errors import UsageError
from watcher.lab.labels import Annotation, Label, label_of, read_labelled, read_labels
from watcher.lab.scoring import Counts, Result, compare, score
from watcher.model.language import Claim, IndicatorId
from watcher.model.news import ItemId

LAUNCH, PARADE = IndicatorId("missile-launch"), IndicatorId("parade")
ONE = ItemId("one")
CLAIMS = st.dictionaries(st.sampled_from([LAUNCH, PARADE]), st.sampled_from([Claim.OCCURRED, Claim.DENIED]))
LABELS = st.lists(
    st.builds(Label, item=st.sampled_from("abcdef").map(ItemId), a=CLAIMS, b=CLAIMS),
    max_size=6,
    unique_by=lambda label: label.item,
)


def a_label(a: Annotation, b: Annotation) -> Label:
    return Label(item=ONE, a=a, b=b)


def test_a_hit_both_annotators_have_is_right() -> None:
    scores = score(
        [a_label({LAUNCH: Claim.OCCURRED}, {LAUNCH: Claim.OCCURRED})], {ONE: {LAUNCH: Claim.OCCURRED}}
    )

    assert scores.micro == Counts(right=1)
    assert (scores.micro.precision, scores.micro.recall, scores.micro.f1, scores.claim_accuracy) == (
        1,
        1,
        1,
        1,
    )


def test_a_hit_one_annotator_has_does_not_count_either_way() -> None:
    label = a_label({LAUNCH: Claim.OCCURRED}, {})

    assert (
        score([label], {ONE: {LAUNCH: Claim.OCCURRED}}).micro == score([label], {ONE: {}}).micro == Counts()
    )


def test_a_hit_no_annotator_has_is_false_and_a_hit_not_made_is_missed() -> None:
    label = a_label({LAUNCH: Claim.OCCURRED}, {LAUNCH: Claim.OCCURRED})

    outcomes = list(compare([label], {ONE: {PARADE: Claim.OCCURRED}}))

    assert [(each.indicator, each.result) for each in outcomes] == [
        (LAUNCH, Result.MISSED),
        (PARADE, Result.FALSE),
    ]


def test_a_claim_on_which_annotators_differ_is_not_compared() -> None:
    label = a_label(
        {LAUNCH: Claim.OCCURRED, PARADE: Claim.DENIED}, {LAUNCH: Claim.DENIED, PARADE: Claim.DENIED}
    )

    scores = score([label], {ONE: {LAUNCH: Claim.THREATENED, PARADE: Claim.OCCURRED}})

    assert (scores.claims_right, scores.claims_scored) == (0, 1)


def test_an_item_that_no_archive_has_is_missing_and_its_hits_are_missed() -> None:
    scores = score([a_label({LAUNCH: Claim.OCCURRED}, {LAUNCH: Claim.OCCURRED})], {})

    assert (scores.missing, scores.micro) == (1, Counts(missed=1))


def test_the_ceiling_is_one_annotator_against_the_other_and_one_alone_has_none() -> None:
    pair = a_label({LAUNCH: Claim.OCCURRED, PARADE: Claim.OCCURRED}, {LAUNCH: Claim.OCCURRED})
    alone = Label(item=ONE, a=pair.a, b=pair.a, alone=True)

    assert score([pair], {}).ceiling == pytest.approx(0.6667)
    assert score([alone], {}).ceiling is None


def test_nothing_can_be_said_of_nothing() -> None:
    assert score([], {}).as_dict()["micro"] == {
        "precision": None,
        "recall": None,
        "f1": None,
        "tp": 0,
        "fp": 0,
        "fn": 0,
    }


@given(LABELS)
def test_who_hits_just_what_both_say_is_perfect(labels: list[Label]) -> None:
    hits = {label.item: {name: label.a[name] for name in label.agreed} for label in labels}

    scores = score(labels, hits)

    assert scores.micro.f1 in (1, None)
    assert scores.claim_accuracy in (1, None)


@given(LABELS, st.dictionaries(st.sampled_from("abcdef").map(ItemId), CLAIMS))
def test_the_micro_counts_are_the_sum_of_the_indicators(
    labels: list[Label], hits: dict[ItemId, Annotation]
) -> None:
    scores = score(labels, hits)

    each = list(scores.by_indicator.values())
    assert scores.micro == Counts(
        right=sum(one.right for one in each),
        false=sum(one.false for one in each),
        missed=sum(one.missed for one in each),
    )


def test_labels_stand_in_the_lines_of_an_archive_or_in_a_file_of_their_own(tmp_path: Path) -> None:
    archive = an_archive(
        tmp_path / "a.jsonl", [line("later", hours=2, labels=[["parade", "imminent"]]), line("sooner")]
    )
    own = an_archive(tmp_path / "labels.jsonl", [{"id": "later", "a": [["parade", "imminent"]], "b": []}])

    items, labels = read_labelled([archive], utc_now())

    assert [item.title for item in items] == ["sooner", "later"]
    assert labels == (
        Label(item=ItemId("later"), a={PARADE: Claim.IMMINENT}, b={PARADE: Claim.IMMINENT}, alone=True),
    )
    assert read_labels(own) == (Label(item=ItemId("later"), a={PARADE: Claim.IMMINENT}, b={}),)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": "one"}, "no label"),
        ({"labels": []}, "needs the `id`"),
        ({"id": "one", "labels": [["parade", "soon"]]}, "'soon' is not a valid Claim"),
        ({"id": "one", "labels": ["parade"]}, "pairs of an indicator and a claim"),
        ({"id": "one", "labels": 3}, "pairs of an indicator and a claim"),
    ],
)
def test_a_wrong_label_is_named_with_its_line(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(f"\n{json.dumps(wrong)}\n", encoding="utf-8")

    with pytest.raises(UsageError, match=r"labels\.jsonl:2: ") as caught:
        read_labels(file)

    assert said in str(caught.value)


def test_an_item_without_labels_is_just_an_item() -> None:
    assert label_of(line("a headline"), "a.jsonl:1") is None
