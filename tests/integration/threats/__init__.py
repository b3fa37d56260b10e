"""One test for each row of the threat table in ARCHITECTURE.md, each by every way in: directly, and through real proxies."""
