import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.strange import any_text
from watcher.read.plain import beginning, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("North Korea fires an <b>ICBM</b>s", "North Korea fires an ICBMs"),
        ("<p>Seoul:</p><p>one</p><ul><li>two<li>three</ul>four<br>five", "Seoul: one two three four five"),
        ("Kim&#8217;s &amp;#8220;gift&amp;#8221; &amp;amp; more", "Kim’s “gift” & more"),
        ("&lt;b&gt;ICBM&lt;/b&gt; &amp;lt;i&amp;gt;test&amp;lt;/i&amp;gt;", "ICBM test"),
        ("range < 500 km, <3 missiles, <N Korea says", "range < 500 km, <3 missiles, <N Korea says"),
        ("<Hwasong-18> 발사", "<Hwasong-18> 발사"),
        ("&lt;ICBM&gt; launch: <Video> of it", "<ICBM> launch: <Video> of it"),
        ("&amp;lt;Pukguksong-3&amp;gt; <b>seen</b>", "<Pukguksong-3> seen"),
        ("<Q&A> on <A/B> and the <S line>", "<Q&A> on <A/B> and the <S line>"),
        ("one<hr noshade />two<br clear=all>three", "one two three"),
        ("<o:p>one</o:p><x-card>two</x-card><photo id=1>three<ad/>", "onetwothree"),
        ("<ruby>金正恩<rp>(</rp><rt>キムジョンウン</rt><rp>)</rp></ruby>氏", "金正恩氏"),
        ("<ruby>豊<rt>プン</ruby><ruby>渓<rt>ゲ</ruby>里", "豊渓里"),
        ("a\x00b\x1b[31mc\u202ed\u2066e\ud800f", "ab[31mcdef"),
        (" \u3000\xa0 two\n\twords \u3000", "two words"),
        ("before<script>var icbm</script><style>p{}</style><!-- note -->after", "beforeafter"),
        ("m\u0301" + "\u0301" * 2_000 + " ICBM", "m" + "\u0301" * 4 + " ICBM"),
        ("북한 &#xB300;륙간<b>탄도</b>미사일", "북한 대륙간탄도미사일"),
    ],
)
def test_markup_becomes_the_text_a_person_reads(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_a_headline_keeps_the_words_of_a_script_but_not_its_tags() -> None:
    assert plain("&lt;script&gt;alert('ICBM')&lt;/script&gt;", keep_code=True) == "alert('ICBM')"


def test_nothing_of_a_tag_is_left_when_markup_is_cut_inside_it() -> None:
    assert beginning("<p>North Korea <img alt='x' src='y'>", 20) == "<p>North Korea "


@given(st.text(alphabet="ab <>&;/lt#x26\"'!-\u202e\x00", max_size=60))
def test_any_markup_becomes_one_line_without_controls(markup: str) -> None:
    text = plain(markup)

    assert text == " ".join(text.split())
    assert not set(text) & {"\x00", "\u202e"}


@given(
    st.text(
        alphabet=st.characters(
            exclude_characters="<>&",
            exclude_categories=["Cc", "Cf", "Cs", "Cn", "Mn", "Zs", "Zl", "Zp", "Co"],
        )
    )
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@given(any_text)
def test_what_nobody_sees_is_left_out_as_it_is_beside_a_control(text: str) -> None:
    assert plain(text, is_text=True) == plain(f"{text}\x01", is_text=True)
