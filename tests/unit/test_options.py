"""What a store hands over of its options, after all transformations."""

from __future__ import annotations

from typing import Any

import pytest

from support.programs import stores_of

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

def change(args):
    options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions({options}))
    return pulumi.ResourceTransformationResult({{**args.props, {props}}}, options)

of_component = pulumi.ResourceOptions(transformations=[change])
parent = pulumi.ComponentResource("shop:index:Store", "component", None, of_component)
given = pulumi.ResourceOptions(parent=parent)
for name in ("one", "two"):
    store = launchdarkly.BigSegmentStoreIntegration(
        name, given, project_key="default", environment_key="production", config={{"host": "h", "password": "p"}}
    )
assert given.transformations is None
"""
ID = "default/production/redis/57c0"


@pytest.mark.parametrize(
    ("options", "props", "handed_over"),
    [
        (f"import_='{ID}'", "", {"_import": ID}),
        ("ignore_changes=['tags']", "", {"_ignore_changes": ["tags"]}),
        ("replace_on_changes=['config']", "", {"_replace_on_changes": ["config"]}),
        ("additional_secret_outputs=['environment_key', 'version']", "", {"_secrets": ["environment_key"]}),
        ("", "'name': pulumi.Output.secret('n')", {"_secrets": ["name"]}),
        ("", "'config': {'host': pulumi.Output.secret('h'), 'password': 'p'}", {"_secrets": ["config.host"]}),
        ("", "", {}),
    ],
    ids=["import_", "ignore_changes", "replace_on_changes", "outputs", "a mark", "a nested mark", "nothing"],
)
def test_what_a_transformation_adds_is_handed_over(options: str, props: str, handed_over: dict[str, Any]) -> None:
    """To each store; the options that the program gives stay as they are."""
    stores = stores_of(PROGRAM.format(options=options, props=props))
    for store in stores.values():
        assert {name: value for name, value in store.items() if name.startswith("_")} == handed_over
    assert stores.keys() == {"one", "two"}
