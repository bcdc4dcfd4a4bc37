package recordings_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
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
