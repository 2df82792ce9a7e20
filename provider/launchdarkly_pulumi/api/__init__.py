"""LaunchDarkly's REST API over the wire: requests, retries, rate limits, proxies, and no secret in what is shown.

It knows what an integration looks like (`model`), and nothing of stacks, states or what is to be done with one.
"""
