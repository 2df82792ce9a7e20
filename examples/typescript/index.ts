import * as pulumi from "@pulumi/pulumi";
import * as launchdarkly from "pulumi-launchdarkly-big-segments";

const config = new pulumi.Config();
const projectKey = config.get("projectKey") ?? "default";
const environmentKey = config.get("environmentKey") ?? "production";
const store = new launchdarkly.BigSegmentStoreIntegration("production-redis", {
    projectKey,
    environmentKey,
    config: {
        redis: {
            host: config.get("redisHost") ?? "redis.example.com",
            port: config.getNumber("redisPort") ?? 6379,
            tlsEnabled: true,
            username: "launchdarkly",
            password: config.requireSecret("redisPassword"),
        },
    },
    name: "Production Redis",
    on: true,
    tags: ["managed-by-pulumi"],
});
export const integrationId = store.integrationId;
// SDKs read the store's segments with this key prefix, and with no other.
export const sdkPrefix = launchdarkly.getEnvironmentOutput({ projectKey, environmentKey }).clientSideId;
