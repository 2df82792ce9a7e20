"""``python -m launchdarkly_pulumi``."""

import sys

from .cli import main

sys.exit(main())
