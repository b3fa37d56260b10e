import json

from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.slides.recipe import Recipe


@given(st.binary(max_size=700), st.sampled_from([1, 2, 3, 4]), st.booleans(), st.sampled_from([(1, 1), (2, 2), (4, 1)]))
def test_a_recipe_survives_being_stored(tables: bytes, samples: int, mark: bool, sub: tuple[int, int]) -> None:
    recipe = Recipe("jpeg", "ycbcr", samples, passthrough=True, tables=tables, mark_rgb=mark, subsampling=sub)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
