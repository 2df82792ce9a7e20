#!/usr/bin/env bash
# Guess:    while the store fails, each evaluation's reason says STORE_ERROR, as the status provider says unavailable.
# Happens:  Java's reason says HEALTHY for a context whose membership is in the cache, and STORE_ERROR for another one, at
#           the same time. Python's says STORE_ERROR for both.
# Versions: launchdarkly-java-server-sdk 7.13.0 with Java 17 (5.10.9 does the same); launchdarkly-server-sdk 9.20.0.
# Seen:     with a store in memory that begins to fail. Date: 2026-11-28.
# Needs:    bash, a JDK, Maven, python3 with venv and pip, their package indexes; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check launchdarkly-server-sdk==9.20.0
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>outage</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.launchdarkly</groupId>
      <artifactId>launchdarkly-java-server-sdk</artifactId>
      <version>7.13.0</version>
    </dependency>
  </dependencies>
</project>
POM
cat > "$folder/flags.json" <<'FLAGS'
{
  "flags": {"flag": {"key": "flag", "version": 1, "on": true, "variations": [true, false], "fallthrough": {"variation": 1},
    "rules": [{"id": "1", "variation": 0, "clauses": [{"attribute": "", "op": "segmentMatch", "values": ["beta"]}]}]}},
  "segments": {"beta": {"key": "beta", "version": 1, "unbounded": true, "generation": 1}}
}
FLAGS
cat > "$folder/Outage.java" <<'PROGRAM'
import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDClient;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.integrations.FileData;
import com.launchdarkly.sdk.server.subsystems.BigSegmentStore;
import com.launchdarkly.sdk.server.subsystems.BigSegmentStoreTypes;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;

class Outage implements BigSegmentStore {
    private volatile boolean fails;

    public BigSegmentStoreTypes.Membership getMembership(String hash) {
        failIfTold();
        return BigSegmentStoreTypes.createMembershipFromSegmentRefs(Collections.singleton("beta.g1"), null);
    }

    public BigSegmentStoreTypes.StoreMetadata getMetadata() {
        failIfTold();
        return new BigSegmentStoreTypes.StoreMetadata(System.currentTimeMillis());
    }

    private void failIfTold() {
        if (fails) {
            throw new IllegalStateException("outage");
        }
    }

    public void close() {}

    public static void main(String[] arguments) throws Exception {
        Outage store = new Outage();
        LDConfig config = new LDConfig.Builder()
            .dataSource(FileData.dataSource().filePaths(arguments[0]))
            .events(Components.noEvents())
            .logging(Components.noLogging())
            .bigSegments(Components.bigSegments(context -> store)
                .statusPollInterval(Duration.ofMillis(100)).userCacheTime(Duration.ofMinutes(5)))
            .build();
        try (LDClient client = new LDClient("sdk-example", config)) {
            System.out.print(status(client, "cached"));
            CountDownLatch unavailable = new CountDownLatch(1);
            client.getBigSegmentStoreStatusProvider().addStatusListener(status -> {
                if (!status.isAvailable()) {
                    unavailable.countDown();
                }
            });
            store.fails = true;
            unavailable.await();
            System.out.print(" " + status(client, "cached") + " " + status(client, "new") + " ");
            System.out.println(client.getBigSegmentStoreStatusProvider().getStatus().isAvailable());
        }
    }

    private static String status(LDClient client, String key) {
        return String.valueOf(client.boolVariationDetail("flag", LDContext.create(key), false).getReason().getBigSegmentsStatus());
    }
}
PROGRAM
cat > "$folder/outage.py" <<'PROGRAM'
import logging
import sys
import threading
import time

from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files
from ldclient.interfaces import BigSegmentStore, BigSegmentStoreMetadata


class Store(BigSegmentStore):
    fails = False

    def get_metadata(self):
        assert not self.fails
        return BigSegmentStoreMetadata(int(time.time() * 1000))

    def get_membership(self, user_hash):
        assert not self.fails
        return {"beta.g1": True}

    def stop(self):
        pass


def status(client, key):
    return client.variation_detail("flag", Context.create(key), False).reason["bigSegmentsStatus"]


logging.disable()
store, unavailable = Store(), threading.Event()
segments = BigSegmentsConfig(store, context_cache_time=300, status_poll_interval=0.1)
source = Files.new_data_source(paths=[sys.argv[1]])
with LDClient(
    Config("sdk-example", update_processor_class=source, send_events=False, big_segments=segments)
) as client:
    provider = client.big_segment_store_status_provider
    before = status(client, "cached")
    provider.add_listener(lambda each: None if each.available else unavailable.set())
    store.fails = True
    unavailable.wait(20)
    print(before, status(client, "cached"), status(client, "new"), str(provider.status.available).lower())
PROGRAM
mvn -Dmaven.repo.local="$folder/maven" --quiet --batch-mode --file "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/lib"
java -version 2>&1 | head -1
(cd "$folder/lib" && ls launchdarkly-java-server-sdk-*.jar)
"$folder/environment/bin/pip" list --disable-pip-version-check 2>&1 | grep "^launchdarkly-server-sdk "
java=$(timeout 60 java -cp "$folder/lib/*" "$folder/Outage.java" "$folder/flags.json")
python=$(timeout 60 "$folder/environment/bin/python" "$folder/outage.py" "$folder/flags.json")
echo "before; in the outage a cached context, a new one, whether the status provider says available:"
echo "Java   $java"
echo "Python $python"
[ "$java" = "HEALTHY HEALTHY STORE_ERROR false" ]
[ "$python" = "HEALTHY STORE_ERROR STORE_ERROR false" ]
echo "as found"
