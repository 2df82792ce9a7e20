"""The snippets of ``docs/sdks.md``, made into programs that evaluate a flag by a big segment.

A snippet runs as it is printed, with one change: flags come from a file, not from LaunchDarkly. The program prints a
line for each user: the flag's value and the status of the store.
"""

from __future__ import annotations

import re

from support.documents import ROOT

PAGE = ROOT / "docs" / "sdks.md"

_FROM_A_FILE = {
    "python": (
        'Config(os.environ["LAUNCHDARKLY_SDK_KEY"], ',
        'update_processor_class=ldclient.integrations.Files.new_data_source(paths=[os.environ["FLAGS_FILE"]]), '
        "send_events=False, ",
    ),
    "js": (
        "init(process.env.LAUNCHDARKLY_SDK_KEY, { ",
        "updateProcessor: new (require('@launchdarkly/node-server-sdk/integrations').FileDataSourceFactory)"
        "({ paths: [process.env.FLAGS_FILE] }).getFactory(), sendEvents: false, ",
    ),
    "java": (
        "new LDConfig.Builder()",
        '.dataSource(FileData.dataSource().filePaths(System.getenv("FLAGS_FILE"))).events(Components.noEvents())',
    ),
}
"""For each language what a snippet has, and what follows it in the program."""

_EVALUATE = {
    "python": """
with ldclient.get() as client:
    for user in ("ada", "grace"):
        detail = client.variation_detail("new-checkout", ldclient.Context.create(user), False)
        print(str(detail.value).lower(), detail.reason["bigSegmentsStatus"])
""",
    "js": """
client.waitForInitialization({ timeout: 10 }).then(async () => {
  for (const key of ['ada', 'grace']) {
    const detail = await client.variationDetail('new-checkout', { kind: 'user', key }, false);
    console.log(String(detail.value), detail.reason.bigSegmentsStatus);
  }
  process.exit();
});
""",
    "java": """
    public static void main(String[] arguments) throws Exception {
        try (LDClient client = client()) {
            for (String user : new String[] {"ada", "grace"}) {
                EvaluationDetail<Boolean> detail = client.boolVariationDetail("new-checkout", new LDUser(user), false);
                System.out.println(detail.getValue() + " " + detail.getReason().getBigSegmentsStatus());
            }
        }
    }
}
""",
}
_JAVA_IMPORTS = "".join(
    f"import com.launchdarkly.sdk.{name};\n" for name in ("EvaluationDetail", "LDUser", "server.integrations.FileData")
)

AS_LAUNCHDARKLY_WROTE = "true HEALTHY\nfalse HEALTHY\n"
"""What a program prints where ada is a member and grace is none."""


def program(language: str, store: str) -> str:
    """The snippet of a language, as ``python``, that names a store, as ``Redis.``, as a program."""
    snippets = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    [snippet] = [str(each) for each in snippets if store in each]
    place, change = _FROM_A_FILE[language]
    assert snippet.count(place) == 1
    changed = snippet.replace(place, place + change)
    if language == "java":
        return _JAVA_IMPORTS + changed.rstrip().removesuffix("}") + _EVALUATE[language]
    return changed + _EVALUATE[language]
