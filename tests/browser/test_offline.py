"""A hospital's network: every host but ours is away. The pages are whole, and break no rule of their own policy."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Route

from tests.support.browser import Browser
from tests.support.pages import PAGES, site
from tests.support.s3server import Bucket

_VIOLATIONS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


async def test_no_page_asks_anyone_but_us(bucket: Bucket, database_url: str, browser: Browser) -> None:
    page = browser.page
    away: list[str] = []
    policies: dict[str, str] = {}

    async def refuse(route: Route) -> None:
        away.append(route.request.url)
        await route.abort()

    async with site(bucket, database_url, browser) as there:
        ours = {urlsplit(there.url).netloc, f"localhost:{urlsplit(there.url).port}"}
        await page.context.route(
            lambda url: urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc not in ours, refuse
        )
        await page.add_init_script(_VIOLATIONS)
        page.on(
            "response",
            lambda answer: (
                policies.update({answer.url: answer.headers.get("content-security-policy", "")})
                if answer.request.is_navigation_request() and answer.status != 303
                else None
            ),
        )
        violations = {}
        for name, steps in PAGES:
            await steps(there)
            violations[name] = await page.evaluate("window.violations")
        await there.open("/schema", "document.querySelectorAll('.opblock').length > 3")
        violations["schema"] = await page.evaluate("window.violations")
        await page.evaluate("fetch('https://elsewhere.example/').catch(() => null)")
        assert await page.evaluate("window.violations") != [], "what a page should not do is seen"
        browser.problems[:] = [said for said in browser.problems if "elsewhere.example" not in said]
    assert away == []
    assert {name: found for name, found in violations.items() if found} == {}
    assert len(policies) >= 6, "pages, in several views"
    for url, policy in policies.items():
        assert "default-src 'none'" in policy, url
        assert "unsafe" not in policy, url
    # What is wrong on purpose is told by the browser, too: 401, 404, 415.
    assert [said for said in browser.problems if "the server responded with a status of 4" not in said] == []
