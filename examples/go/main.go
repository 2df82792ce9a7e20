// One big segment store in Redis, for one environment in LaunchDarkly.
package main

import (
	"example.com/pulumi-launchdarkly-big-segments/launchdarkly"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")
		project := valueOr(cfg.Get("projectKey"), "default")
		environment := valueOr(cfg.Get("environmentKey"), "production")
		port := cfg.GetInt("redisPort")
		if port == 0 {
			port = 6379
		}
		store, err := launchdarkly.NewBigSegmentStoreIntegration(ctx, "production-redis",
			&launchdarkly.BigSegmentStoreIntegrationArgs{
				ProjectKey:     pulumi.String(project),
				EnvironmentKey: pulumi.String(environment),
				Config: &launchdarkly.StoreConfigArgs{
					Redis: &launchdarkly.RedisConfigArgs{
						Host:       pulumi.String(valueOr(cfg.Get("redisHost"), "redis.example.com")),
						Port:       pulumi.Int(port),
						TlsEnabled: pulumi.Bool(true),
						Username:   pulumi.String("launchdarkly"),
						Password:   cfg.RequireSecret("redisPassword"),
					},
				},
				Name: pulumi.String("Production Redis"),
				On:   pulumi.Bool(true),
				Tags: pulumi.StringArray{pulumi.String("managed-by-pulumi")},
			})
		if err != nil {
			return err
		}
		found, err := launchdarkly.GetEnvironment(ctx, &launchdarkly.GetEnvironmentArgs{
			ProjectKey: project, EnvironmentKey: environment,
		})
		if err != nil {
			return err
		}
		ctx.Export("integrationId", store.IntegrationId)
		// SDKs read the store's segments with this key prefix, and with no other.
		ctx.Export("sdkPrefix", pulumi.String(found.ClientSideId))
		return nil
	})
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
