// Evaluates a flag with LaunchDarkly's Node SDK: a line of JSON for each line of standard input.
// Arguments: the folder that has the SDK, the file of flags, the URL of Redis, the key prefix, seconds until stale.
const { createRequire } = require('node:module');
const path = require('node:path');
const readline = require('node:readline');

const [folder, flags, url, prefix, staleAfter] = process.argv.slice(2);
const sdk = createRequire(path.join(path.resolve(folder), 'package.json'));
const { basicLogger, init } = sdk('@launchdarkly/node-server-sdk');
const { FileDataSourceFactory } = sdk('@launchdarkly/node-server-sdk/integrations');
const { RedisBigSegmentStore } = sdk('@launchdarkly/node-server-sdk-redis');

const address = new URL(url);
const redisOpts = { host: address.hostname, port: Number(address.port), retryStrategy: () => 100 };
const client = init('sdk-test', {
  updateProcessor: new FileDataSourceFactory({ paths: [flags] }).getFactory(),
  sendEvents: false,
  logger: basicLogger({ level: 'none' }),
  bigSegments: {
    store: RedisBigSegmentStore({ redisOpts, prefix }),
    // 0 would be the default of five seconds, so this is as good as none.
    userCacheTime: 0.001,
    statusPollInterval: 0.1,
    staleAfter: Number(staleAfter),
  },
});

async function evaluate(user) {
  const context = { kind: 'user', key: user };
  const detail = await client.variationDetail('new-checkout', context, false);
  return { value: detail.value, status: detail.reason.bigSegmentsStatus };
}

async function untilStale() {
  const provider = client.bigSegmentStoreStatusProvider;
  if (!(await provider.requireStatus()).stale) {
    await new Promise((resolve) => {
      provider.on('change', (status) => status.stale && resolve());
    });
  }
  return { value: false, status: 'STALE' };
}

async function main() {
  await client.waitForInitialization({ timeout: 10 });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const answer = question.untilStale ? await untilStale() : await evaluate(question.user);
    console.log(JSON.stringify(answer));
  }
  client.close();
}

main();
