package walk_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/walk"
)

// A person who serves the shipped flows reads what to type, and no reference.
func TestEndsOfTheShippedFlows(t *testing.T) {
	t.Parallel()
	user := map[string]string{"username": "ada", "password": "hers", "otp": "123456"}
	want := map[string][]walk.End{
		"sign-on": {{What: "to its end", Way: "SIGNON (password hers, username ada)"}},
		"session": {{What: "to its end", Way: "nothing to send: the start completes the flow"}},
		"registration": {{What: "to its end", Way: "REGISTER, then submit (user.email flowtest-someunique@example.com, " +
			"user.name.family someunique, user.name.given flowtest-someunique, user.password Some-unique-Passw0rd), then VERIFY (code 123456)"}},
		"errors": {
			{What: "to its end", Way: "no way: no recorded hop completes the flow"},
			{What: "it fails at", Way: "SESSION_REFUSED, TIMEOUT, EXPIRED, FAILED, SERVER_ERROR, UNAVAILABLE, NO_CODE"},
		},
	}
	for _, f := range shipped.Flows(t) {
		got := walk.Ends(f, user, true)
		if ends := want[f.Name]; ends != nil {
			assert.Equal(t, ends, got, f.Name)
		}
		assert.Equal(t, f.Name == "errors", len(got) > 1, "a screen that is polled stays: %v", got)
		for _, end := range got {
			assert.NotContains(t, end.Way, "${", f.Name)
		}
	}
	for _, f := range shipped.Flows(t) {
		if f.Name == "sign-on" {
			assert.Equal(t, []walk.End{{What: "to its end", Way: "SIGNON (password ${user.password}, username ${user.username})"}},
				walk.Ends(f, user, false), "values that may be secrets")
		}
	}
}
