"""``python -m launchdarkly_pulumi``, the same as ``launchdarkly-pulumi``."""

import sys

from .cli import main

sys.exit(main())
