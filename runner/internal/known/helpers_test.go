package known_test

import (
	"fmt"
	"strings"
	"time"
)

// today is when the known failures of these tests are looked at.
var today = time.Date(2026, time.March, 15, 13, 0, 0, 0, time.UTC)

// entry writes an entry of known-failures.yaml. Keys whose value is "-" are left out.
func entry(pairs ...string) string {
	values := map[string]string{
		"journey": "s0", "flow": "sign-on", "requirement": "MODEL-companyId-PRESENCE", "reason": "the flow lacks it",
		"owner": "team sign-on", "expires": "2026-04-01",
	}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	var b strings.Builder
	mark := "- "
	for _, key := range []string{"journey", "node", "flow", "requirement", "step", "reason", "owner", "expires", "more"} {
		if v, ok := values[key]; ok && v != "-" {
			fmt.Fprintf(&b, "%s%s: %s\n", mark, key, v)
			mark = "  "
		}
	}
	return b.String()
}

// atStep are the pairs of an entry about a step.
func atStep(step string, more ...string) []string {
	return append([]string{"requirement", "-", "step", step}, more...)
}
