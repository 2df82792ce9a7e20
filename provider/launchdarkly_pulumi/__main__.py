"""``python -m launchdarkly_pulumi``, the same as ``launchdarkly-pulumi``."""

import sys

from .commands.cli import main

sys.exit(main())
