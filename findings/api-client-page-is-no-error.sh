#!/usr/bin/env bash
# Guess:    a response that is no JSON, such as the page of a proxy, fails a call of LaunchDarkly's generated TypeScript client; and
#           that client, like Python's, says which version of the API it wants.
# Happens:  the call succeeds with the page as a string in place of the listing, also where the response says that it is JSON,
#           so `data.items` is undefined, and `data.items ?? []` an account without stores. No LD-API-Version is sent at all.
# Versions: launchdarkly-api-typescript 17.2.0, axios 1.21.1.
# Seen:     with a local HTTP server. Date: 2026-11-28.
# Needs:    bash, node with npm, its package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" launchdarkly-api-typescript@17.2.0 axios@1.21.1
cat > "$folder/run.js" <<'PROGRAM'
const assert = require('node:assert');
const http = require('node:http');
const { Configuration, PersistentStoreIntegrationsBetaApi } = require('launchdarkly-api-typescript');

const responses = {
  page: ['text/html', '<html>please sign in</html>'],
  'cut off': ['application/json', '{"items": [{"_id": "57c0'],
};
const versions = [];
let next;
const server = http.createServer((request, response) => {
  versions.push(request.headers['ld-api-version']);
  const [type, body] = responses[next];
  response.writeHead(200, { 'Content-Type': type });
  response.end(body);
});

async function main() {
  const basePath = `http://127.0.0.1:${server.address().port}`;
  const api = new PersistentStoreIntegrationsBetaApi(new Configuration({ apiKey: 'example', basePath }));
  const seen = {};
  for (next of Object.keys(responses)) {
    const { data } = await api.getBigSegmentStoreIntegrations();
    seen[next] = [typeof data, data.items];
  }
  for (const name of ['launchdarkly-api-typescript', 'axios']) {
    console.log(name, require(`${__dirname}/node_modules/${name}/package.json`).version);
  }
  console.log('type of the listing, its items:', seen, 'LD-API-Version:', versions);
  assert.deepStrictEqual(seen, { page: ['string', undefined], 'cut off': ['string', undefined] });
  assert.deepStrictEqual(versions, [undefined, undefined]);
}

server.listen(0, '127.0.0.1', () => main().finally(() => server.close()));
PROGRAM
node "$folder/run.js"
echo "as found"
