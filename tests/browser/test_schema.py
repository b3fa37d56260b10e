"""The API's description, in a real browser that reaches no other host."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.support.browser import Browser
from tests.support.services import StartService

_VIOLATIONS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.mark.parametrize("port", ["public", "admin"])
async def test_the_description_is_shown_without_anything_from_elsewhere(
    port: str, start_service: StartService, browser: Browser
) -> None:
    service = await asyncio.to_thread(start_service, auth_enabled=True, auth_secret="a secret of thirty-two bytes, too")
    url = service.url if port == "public" else service.admin_url
    page = browser.page
    await page.route(lambda each: urlsplit(each).netloc != urlsplit(url).netloc, lambda route: route.abort())
    await page.add_init_script(_VIOLATIONS)
    answer = await page.goto(f"{url}/schema")
    assert answer is not None
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    await browser.until("document.querySelectorAll('.opblock').length > 3")
    text = await page.inner_text("#schema")
    assert ("/tiles/{slide_id}/{level}/{x}/{y}.jpg" if port == "public" else "/admin/reindex") in text.replace(
        "\u200b", ""
    )
    await browser.screenshot(f"schema-{port}")
    for i in range(await page.locator(".opblock-summary-control").count()):
        await page.locator(".opblock-summary-control").nth(i).click()
    await browser.until("document.querySelectorAll('.opblock.is-open .responses-table').length > 3")
    await browser.screenshot(f"schema-{port}-open")
    assert await page.locator(".try-out__btn").count() == 0, "it shows, and asks nobody anything"
    assert await page.locator(".errors-wrapper").count() == 0
    # A link can't have it show another server's description.
    await page.goto(f"{url}/schema?url=https://evil.example/openapi.json&configUrl=https://evil.example/config.json")
    await browser.until("document.querySelectorAll('.opblock').length > 3")
    assert await page.evaluate("window.violations") == []
    assert browser.problems == []
    assert browser.hosts <= {"127.0.0.1", ""}, "data: URLs have no host"
