# A policy for saved plans: no guest is restarted from 06:00 to 20:00 UTC. `virtmem schema plan`
# prints the schema of the documents that such a policy reads.
#
#   jq --argjson hour "$(date -u +%-H)" --from-file no-restarts-by-day.jq plan.json
#
# It prints nothing and ends with 0, or names the steps that the policy forbids and ends with 1.
[.domains[].steps[] | select(.disruption == "restart") | .id] as $restarts
| if ($restarts | length) == 0 or $hour < 6 or $hour >= 20 then empty
  else "No restarts from 06:00 to 20:00 UTC: \($restarts | join(", "))\n" | halt_error(1)
  end
