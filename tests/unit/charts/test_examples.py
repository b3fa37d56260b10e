"""Examples that belong together say the same."""

from __future__ import annotations

import yaml

from tests.support.chart_files import CHARTS, INSTANCE, OPERATOR


def test_every_example_is_named_in_its_readme() -> None:
    for chart in (OPERATOR, INSTANCE):
        readme = (chart / "README.md").read_text()
        for example in (chart / "examples").iterdir():
            assert f"(examples/{example.name})" in readme, example


def test_values_and_database_of_cloudnative_pg_fit_together() -> None:
    folder = INSTANCE / "examples"
    secret, cluster, backup = yaml.safe_load_all((folder / "cloudnative-pg-cluster.yaml").read_text())
    database = yaml.safe_load((folder / "cloudnative-pg.yaml").read_text())["database"]
    name = cluster["metadata"]["name"]

    # CloudNativePG names the Secrets it makes after the cluster: -app is the owner's, -ca has its authority.
    assert database["ownerUrlSecretRef"] == {"name": f"{name}-app", "key": "uri"}
    assert database["caBundleRef"] == {"kind": "Secret", "name": f"{name}-ca", "key": "ca.crt"}
    assert database["urlSecretRef"] == {"name": secret["metadata"]["name"], "key": "uri"}

    (role,) = cluster["spec"]["managed"]["roles"]
    assert role["passwordSecret"]["name"] == secret["metadata"]["name"]
    assert role["name"] == secret["stringData"]["username"] != cluster["spec"]["bootstrap"]["initdb"]["owner"]
    user, password = secret["stringData"]["username"], secret["stringData"]["password"]
    written = (
        f"postgresql://{user}:{password}@{name}-rw.slides:5432/{cluster['spec']['bootstrap']['initdb']['database']}"
    )
    assert secret["stringData"]["uri"] == written
    assert backup["spec"]["cluster"]["name"] == name


def test_nothing_secret_is_in_the_charts() -> None:
    for path in CHARTS.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert "BEGIN PRIVATE KEY" not in text
            assert "AKIA" not in text
