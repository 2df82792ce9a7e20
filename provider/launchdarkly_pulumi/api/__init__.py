"""LaunchDarkly's REST API over the wire: requests, retries, rate limits, proxies, and no secret in what is shown.

What belongs here: how a request gets to LaunchDarkly and what its response means as HTTP. This layer knows what an
integration looks like (`model`). It knows nothing of stacks and states, or of what should be done with an integration:
that is `core`.
"""
