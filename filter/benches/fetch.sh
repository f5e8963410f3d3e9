#!/bin/sh
# Fetches GitHub's push event, as its SDK keeps it, for the benchmarks to measure with: about 7 700 bytes, real.
# Needs npm. Writes into benches/bodies, where the benchmarks look, or into the folder that is given.
set -eu
mkdir -p "${1:-$(dirname "$0")/bodies}"
folder=$(cd "${1:-$(dirname "$0")/bodies}" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
npm pack --silent @octokit/webhooks-examples@7.6.1 >/dev/null
tar -xzf ./*.tgz
node -e '
    const { examples } = require("./package/api.github.com/index.json").find((event) => event.name === "push");
    const texts = examples.map((example) => JSON.stringify(example)).sort((a, b) => b.length - a.length);
    process.stdout.write(texts[0]);
' >"$folder/push.json"
echo "$folder/push.json: $(wc -c <"$folder/push.json") bytes"
