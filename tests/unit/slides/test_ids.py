from wsi_streamer.slides.ids import is_slide_id, new_slide_id
from wsi_streamer.slides.keys import is_slide_key


def test_ids_have_one_fixed_pattern_and_never_repeat() -> None:
    ids = {new_slide_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_slide_id(i) for i in ids)


def test_keys_are_not_taken_for_ids() -> None:
    one = new_slide_id()
    for other in ("slide.svs", one.upper(), one + "x", one[:-1], one + "\n", "x" + one, one.replace("s-", "s_")):
        assert not is_slide_id(other)


def test_slide_keys_are_told_by_their_ending_in_any_case() -> None:
    assert is_slide_key("Case 1/Patient.SVS")
    assert is_slide_key("a.ome.tif")
    assert not is_slide_key("a.svs.txt")
    assert not is_slide_key("readme.md")
