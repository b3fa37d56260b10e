"""One fortress for a file of tests, and each of its doors for each test."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support.fortress import DOORS, Door, Fortress, fortress_of
from tests.support.postgres import new_database
from tests.support.s3server import Bucket, S3Server


@pytest.fixture(scope="module")
def own_bucket(s3_server: S3Server) -> Iterator[Bucket]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.env.items():
            patch.setenv(name, value)
        name = f"test-{secrets.token_hex(6)}"
        s3_server.client().create_bucket(Bucket=name)
        yield Bucket(s3_server, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fortress(
    own_bucket: Bucket, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Fortress]:
    folder = tmp_path_factory.mktemp("fortress")
    async with new_database(postgres_url) as url, fortress_of(folder, own_bucket, url) as found:
        yield found


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, fortress: Fortress) -> Door:
    """Each way in."""
    found: Door = fortress.doors[request.param]
    return found
