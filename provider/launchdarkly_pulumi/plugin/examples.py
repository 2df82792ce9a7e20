"""The program of the schema's documentation, in each language that Pulumi generates an SDK for."""

from __future__ import annotations

TYPESCRIPT = """\
import * as pulumi from "@pulumi/pulumi";
import * as launchdarkly from "pulumi-launchdarkly-big-segments";

const config = new pulumi.Config();
const store = new launchdarkly.BigSegmentStoreIntegration("production-redis", {
    projectKey: "default",
    environmentKey: "production",
    config: {
        redis: {
            host: "redis.example.com",
            tlsEnabled: true,
            username: "launchdarkly",
            password: config.requireSecret("redisPassword"),
        },
    },
    on: true,
    tags: ["managed-by-pulumi"],
});
"""

PYTHON = """\
import pulumi
import pulumi_launchdarkly_big_segments as launchdarkly

config = pulumi.Config()
store = launchdarkly.BigSegmentStoreIntegration(
    "production-redis",
    project_key="default",
    environment_key="production",
    config={
        "redis": {
            "host": "redis.example.com",
            "tls_enabled": True,
            "username": "launchdarkly",
            "password": config.require_secret("redisPassword"),
        },
    },
    on=True,
    tags=["managed-by-pulumi"],
)
"""

GO = """\
package main

import (
	"example.com/pulumi-launchdarkly-big-segments/launchdarkly"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")
		_, err := launchdarkly.NewBigSegmentStoreIntegration(ctx, "production-redis",
			&launchdarkly.BigSegmentStoreIntegrationArgs{
				ProjectKey:     pulumi.String("default"),
				EnvironmentKey: pulumi.String("production"),
				Config: &launchdarkly.StoreConfigArgs{
					Redis: &launchdarkly.RedisConfigArgs{
						Host:       pulumi.String("redis.example.com"),
						TlsEnabled: pulumi.Bool(true),
						Username:   pulumi.String("launchdarkly"),
						Password:   cfg.RequireSecret("redisPassword"),
					},
				},
				On:   pulumi.Bool(true),
				Tags: pulumi.StringArray{pulumi.String("managed-by-pulumi")},
			})
		return err
	})
}
"""

CSHARP = """\
using System.Collections.Generic;
using Pulumi;
using LaunchDarkly = PulumiLaunchDarkly.BigSegments;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var store = new LaunchDarkly.BigSegmentStoreIntegration("production-redis", new()
    {
        ProjectKey = "default",
        EnvironmentKey = "production",
        Config = new LaunchDarkly.Inputs.StoreConfigArgs
        {
            Redis = new LaunchDarkly.Inputs.RedisConfigArgs
            {
                Host = "redis.example.com",
                TlsEnabled = true,
                Username = "launchdarkly",
                Password = config.RequireSecret("redisPassword"),
            },
        },
        On = true,
        Tags = new[] { "managed-by-pulumi" },
    });
});
"""

YAML = """\
config:
  redisPassword:
    type: string
    secret: true
resources:
  production-redis:
    type: launchdarkly-big-segments:BigSegmentStoreIntegration
    properties:
      projectKey: default
      environmentKey: production
      config:
        redis:
          host: redis.example.com
          tlsEnabled: true
          username: launchdarkly
          password: ${redisPassword}
      on: true
      tags:
        - managed-by-pulumi
"""

PROGRAMS = {"typescript": TYPESCRIPT, "python": PYTHON, "go": GO, "csharp": CSHARP, "yaml": YAML}
"""The same store, by language."""


def documented(summary: str) -> str:
    """A description with the programs below it, in the form that Pulumi's documentation tools read."""
    programs = "\n".join(f"```{language}\n{program}```" for language, program in PROGRAMS.items())
    beginning = "{{% examples %}}\n## Example Usage\n\n{{% example %}}\n### A store in Redis\n\n"
    return f"{summary}\n\n{beginning}{programs}\n{{{{% /example %}}}}\n{{{{% /examples %}}}}\n"
