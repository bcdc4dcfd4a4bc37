package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

func TestReplayChoosesTheShapeByRequest(t *testing.T) {
	s := replaying(t, mockserver.Config{}).start(t, "sign-on")
	s.detailed = true
	a := s.press(t, "TROUBLE", nil)
	require.Equal(t, http.StatusOK, a.status, a.text)
	assert.True(t, a.Get("screen.properties.customHTML.value").Exists())
	assert.False(t, a.Get("form").Exists())
	assert.False(t, a.Get("_links.next").Exists())
	s.detailed = false
	a = s.press(t, "CANCEL", nil)
	require.Equal(t, http.StatusOK, a.status, a.text)
	assert.True(t, a.Get("form").Exists())
	assert.False(t, a.Get("screen").Exists())

	t.Run("and refusals and ends look the same in both", func(t *testing.T) {
		s := replaying(t, mockserver.Config{}).startDetailed(t, "sign-on")
		assert.Equal(t, "checkPassword", s.press(t, "SIGNON", signing("ann", "mistaken")).Get("capabilityName").String())
		assert.True(t, s.press(t, "SIGNON", rightly("ann")).Get("authorizeResponse.code").Exists())
	})
	t.Run("and the header must have that value", func(t *testing.T) {
		a := replaying(t, mockserver.Config{}).send(t, http.MethodGet, authorize("sign-on"),
			map[string]string{"X-Requested-With": "XMLHttpRequest"}, "")
		assert.True(t, a.Get("screen").Exists())
	})
}

// TestReplayUnderstandsBothDialects signs on, refused at first, in the dialect
// of the SDKs and in that of the widget.
func TestReplayUnderstandsBothDialects(t *testing.T) {
	for name, body := range map[string]func(action, user, password string) string{
		"of the SDKs": func(action, user, password string) string {
			return pressing(action, "submit", signing(user, password))
		},
		"of the widget": func(action, user, password string) string {
			return encoded(map[string]any{
				"id": "vd6qrg8bkx", "eventName": "continue",
				"nextEvent":  map[string]any{"constructType": "skEvent", "eventName": "continue", "eventType": "post"},
				"parameters": map[string]any{"buttonType": "form-submit", "buttonValue": action, "username": user, "password": password},
			})
		},
	} {
		for shape, detailed := range map[string]bool{"in JSON": false, "in detailed": true} {
			t.Run(name+" "+shape, func(t *testing.T) {
				s := replaying(t, mockserver.Config{}).start(t, "sign-on")
				s.detailed = detailed
				assert.Equal(t, http.StatusBadRequest, s.post(t, body("SIGNON", "ann", "mistaken")).status)
				assert.Equal(t, "COMPLETED", s.post(t, body("SIGNON", "ann", "ann's secret")).Get("status").String())
			})
		}
	}
	t.Run("and a flow button of the widget", func(t *testing.T) {
		s := replaying(t, mockserver.Config{}).startDetailed(t, "sign-on")
		a := s.post(t, `{"parameters":{"buttonType":"next-event","buttonValue":"TROUBLE"}}`)
		assert.Equal(t, http.StatusOK, a.status, a.text)
	})
}

// Who signs on is said by the first request that names a user and is taken: one that is
// refused, or names no user, says nothing.
func TestReplayKnowsWhoSignsOn(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for name, row := range map[string]struct {
		first map[string]any
		then  string
	}{
		"the one user":                                {signing("ann", "mistaken"), "ann"},
		"the other user":                              {signing("ben", "mistaken"), "ben"},
		"the one user after an unknown one":           {signing("nobody", "mistaken"), "ann"},
		"the other user after an unknown one":         {signing("nobody", "mistaken"), "ben"},
		"the other with the one's password, at first": {signing("ben", "ann's secret"), "ben"},
		"the one user after the other mistyped":       {signing("ben", "mistaken"), "ann"},
		"the other user after the one mistyped":       {signing("ann", "mistaken"), "ben"},
	} {
		t.Run(name, func(t *testing.T) {
			s := r.start(t, "sign-on")
			require.Equal(t, http.StatusBadRequest, s.press(t, "SIGNON", row.first).status)
			a := s.press(t, "SIGNON", rightly(row.then))
			assert.Equal(t, "COMPLETED", a.Get("status").String(), a.text)
		})
	}
	t.Run("and keeps to it", func(t *testing.T) {
		s := r.start(t, "mfa")
		require.Equal(t, http.StatusOK, s.press(t, "SIGNON", rightly("ben")).status)
		require.Equal(t, http.StatusOK, s.press(t, "", map[string]any{"device": map[string]any{
			"type": "SMS", "id": "3d671191-1505-4964-9423-6a313f1ec41e", "value": "+1 *** **00",
		}}).status)
		assert.Equal(t, http.StatusBadRequest, s.press(t, "VERIFY", map[string]any{"otp": people["ann"]["otp"]}).status)
		assert.Equal(t, http.StatusOK, s.press(t, "VERIFY", map[string]any{"otp": people["ben"]["otp"]}).status)
	})
	t.Run("and knows no one without users", func(t *testing.T) {
		s := replaying(t, mockserver.Config{Users: map[string]map[string]string{}}).start(t, "sign-on")
		a := s.press(t, "SIGNON", signing("ann", "mistaken"))
		assert.Equal(t, http.StatusNotFound, a.status, a.text)
		assert.Equal(t, "sign-on", a.header.Get(mockserver.UnmatchedHeader))
	})
}
