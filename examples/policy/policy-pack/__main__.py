"""Rules for big segment stores: Redis is reached with TLS, and no production environment has its store off."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

STORE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"
"""The type of every store of a Python program, whatever its kind; the plugin's have another one."""


def redis_needs_tls(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Segments and the password travel to Redis: never in plain text."""
    if args.resource_type != STORE or args.props.get("integration_key") != "redis":
        return
    if not args.props["config"].get("tls_enabled"):
        report("LaunchDarkly would reach this Redis in plain text: set tls_enabled=True in its config")


def production_stays_on(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """A store that is off gets no updates: the SDKs of its environment would read old segments."""
    if args.resource_type != STORE or args.props["environment_key"] not in args.get_config()["environments"]:
        return
    if not args.props.get("on"):
        report(f"the store of {args.props['environment_key']} must be on: set on=True")


PolicyPack(
    "launchdarkly",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy("redis-needs-tls", "Redis is reached with TLS.", redis_needs_tls),
        ResourceValidationPolicy(
            "production-stays-on",
            "No production environment has its store off.",
            production_stays_on,
            config_schema=PolicyConfigSchema(
                properties={"environments": {"type": "array", "items": {"type": "string"}, "default": ["production"]}}
            ),
        ),
    ],
)
