"""``python -m launchdarkly_pulumi``: ``launchdarkly-pulumi``, and the plugin where Pulumi's engine starts it."""

import sys

from .plugin.main import engine_address


def main() -> int:
    """Runs what the arguments ask for; returns the exit code."""
    if engine_address(sys.argv[1:]):
        from .plugin import main as plugin

        return plugin.main()
    from .commands import cli

    return cli.main()


sys.exit(main())
