"""What the README says about Kubernetes is taken as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

from tests.support.api_server import ApiServer
from tests.support.helm import template

ROOT = Path(__file__).parents[2]


def section() -> str:
    """The README's "On Kubernetes"."""
    return (ROOT / "README.md").read_text().partition("\n## On Kubernetes\n")[2].partition("\n## ")[0]


def commands() -> list[list[str]]:
    """Of its first block, in words."""
    [block, *_] = re.findall(r"```\n(.*?)```", section(), flags=re.DOTALL)
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


async def test_the_resource_is_taken(server: ApiServer, restricted: str) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", section(), flags=re.DOTALL)
    said = await server.dry_run(restricted, yaml.safe_load(text))
    assert said.accepted, said.text


async def test_the_chart_takes_what_helm_is_told() -> None:
    [install] = [words for words in commands() if words[:2] == ["helm", "install"]]
    sets = [install[at + 1] for at, word in enumerate(install) if word == "--set"]
    rendered = await template(ROOT / install[3], *sets)
    assert rendered.of_kind("CustomResourceDefinition")
    assert {
        "registry.example.org/wsi-streamer-operator:0.1.0",
        "registry.example.org/wsi-streamer:0.1.0",
    } == rendered.images()
    # A namespace that is watched has to be there before: Helm makes the release's own only.
    made = [
        words[3] for words in commands()[: commands().index(install)] if words[:3] == ["kubectl", "create", "namespace"]
    ]
    assert [f"watch.namespaces={{{name}}}" in sets for name in made] == [True]


async def test_secrets_have_the_keys_that_the_resource_reads(server: ApiServer, restricted: str) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", section(), flags=re.DOTALL)
    spec = yaml.safe_load(text)["spec"]
    made = {}
    for words in commands():
        if words[3:6] == ["create", "secret", "generic"]:
            made[words[6]] = {word.removeprefix("--from-literal=").partition("=")[0] for word in words[7:]}
            dry = ["-n", restricted, *words[3:], "--dry-run=server"]
            assert (await server.ask(*dry)).accepted, words
    assert made == {
        spec["storage"]["credentialsSecretRef"]["name"]: {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
        spec["database"]["urlSecretRef"]["name"]: {"uri"},
        spec["access"]["signingKeysSecretRef"]["name"]: {"keys"},
    }
