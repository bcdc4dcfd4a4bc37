package recordings_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

func TestShippedRecordingsLoad(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	var names []string
	for _, f := range flows {
		names = append(names, f.Name)
		assert.Regexp(t, `^[0-9a-f]{32}$`, f.Policy, f.Name)
		assert.NotEqual(t, recordings.Recorded, f.Source, "%s was not recorded, and must not say so", f.Name)
	}
	assert.Equal(t,
		[]string{"errors", "forms", "magic-link", "mfa", "passkey", "password-reset", "platforms", "registration", "session", "sign-on", "social", "sso", "step-up"}, names)
}

// What was read when the recording was loaded is what a client reads.
func TestOutcomesAreThoseOfTheReader(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	found := map[davinci.Outcome]bool{}
	for _, f := range flows {
		for _, h := range f.Hops {
			for _, detailed := range []bool{false, true} {
				r := h.Answer()
				body := cmp.Or(r.Body(detailed), &recordings.Body{})
				want := davinci.Reader{Waits: true}.Read(r.Status, nil, body.Text).Outcome
				assert.Equal(t, want, r.Outcome(detailed), "%s: %s", f.Name, h.Name)
				found[want] = true
			}
		}
	}
	assert.Len(t, found, 5, "every outcome: %v", found)
}
