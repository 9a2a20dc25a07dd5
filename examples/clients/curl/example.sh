#!/bin/sh
# A client in a shell: needs curl, and python3 only to take JSON apart.
set -eu
here=$(dirname "$0")/..

# ask PURPOSE QUERY [VARIABLES]
ask() {
    body=$(python3 -c 'import json,sys; print(json.dumps({"query": sys.argv[1], "variables": json.loads(sys.argv[2])}))' "$2" "${3:-{\}}")
    curl -sS "$GARANT_URL/graphql" -H "Authorization: Bearer $GARANT_TOKEN" -H "Purpose: $1" \
        -H 'Content-Type: application/json' -d "$body"
}
# get PATH: one value of the JSON on the input
get() { python3 -c 'import json,sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value[int(key)] if isinstance(value, list) else value[key]
print(json.dumps(value) if isinstance(value, (list, dict, bool)) or value is None else value)' "$1"; }

ask '' '{ viewer { purposes { key } } }' | python3 -c 'import json,sys
print("purposes:", ", ".join(sorted(p["key"] for p in json.load(sys.stdin)["data"]["viewer"]["purposes"])))'

echo "refused: $(ask '' '{ contacts { totalCount } }' | get errors.0.extensions.code)"

after=null
count=0
while :; do
    page=$(ask "$GARANT_PURPOSE" 'query($after: String) { contacts(first: 25, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }' "{\"after\": $after}")
    count=$((count + $(echo "$page" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["data"]["contacts"]["nodes"]))')))
    [ "$(echo "$page" | get data.contacts.pageInfo.hasNextPage)" = true ] || break
    after="\"$(echo "$page" | get data.contacts.pageInfo.endCursor)\""
done
echo "contacts: $count"

job=$(curl -sS "$GARANT_URL/import" -H "Authorization: Bearer $GARANT_TOKEN" \
    -F "mapping=@$here/companies.toml" -F "file=@$here/companies.csv" | get data.id)
while :; do
    state=$(ask '' 'query($id: ID!) { importJob(id: $id) { state progress { read rejected } } }' "{\"id\": \"$job\"}")
    case $(echo "$state" | get data.importJob.state) in done | failed | cancelled) break ;; esac
    sleep 0.2
done
echo "imported: $(echo "$state" | get data.importJob.progress.read) rows, $(echo "$state" | get data.importJob.progress.rejected) rejected"
