package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// A person who is added signs on until removed, and no other is removed with them.
func TestPeopleCanBeAdded(t *testing.T) {
	t.Parallel()
	var steps []mockserver.Step
	r := replaying(t, mockserver.Config{Observe: func(s mockserver.Step) { steps = append(steps, s) }})
	cleo := map[string]string{"username": "cleo", "password": "cleo's secret", "otp": "333333"}
	before := r.start(t, "mfa")
	remove := r.AddUser(cleo)
	also := r.AddUser(cleo)
	form := map[string]any{"username": "cleo", "password": "cleo's secret"}
	assert.Equal(t, http.StatusNotFound, before.press(t, "SIGNON", form).status, "it had begun")
	remove()
	s := r.start(t, "mfa")
	require.Equal(t, http.StatusOK, s.press(t, "SIGNON", form).status)
	device := map[string]any{"type": "EMAIL", "id": "694b5b59-0c45-4448-b2d5-0539062092f0", "value": "a***@example.com"}
	require.Equal(t, http.StatusOK, s.press(t, "", map[string]any{"device": device}).status)
	last := steps[len(steps)-1]
	assert.Equal(t, []any{"mfa", "passcode-form", "cleo", "otp", false, "EMAIL"}, []any{
		last.Flow, last.Hop, last.User["username"], last.Takes["otp"], last.Challenge, last.Sent.FormData.Get("device.type").Str,
	})
	require.Equal(t, http.StatusOK, s.press(t, "VERIFY", map[string]any{"otp": "333333"}).status)
	assert.True(t, steps[len(steps)-1].Completed)
	also()
	assert.Equal(t, http.StatusNotFound, r.start(t, "mfa").press(t, "SIGNON", form).status)
	assert.Equal(t, http.StatusOK, r.start(t, "mfa").press(t, "SIGNON", rightly("ben")).status)
}
