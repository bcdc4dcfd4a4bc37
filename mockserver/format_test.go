package mockserver_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// testdata/format1 is a recording as it was written in 2026, with one of each
// feature of the format. Its files are never edited: recordings of users are like
// it, and have to load, to be saved unchanged and to be replayed.
const formatOne = "testdata/format1"

func TestARecordingFromBeforeIsSavedUnchanged(t *testing.T) {
	f, err := recordings.Load(os.DirFS(formatOne), ".")
	require.NoError(t, err)
	got, err := f.Files()
	require.NoError(t, err)
	entries, err := os.ReadDir(formatOne)
	require.NoError(t, err)
	assert.Len(t, got, len(entries))
	for _, e := range entries {
		want, err := os.ReadFile(formatOne + "/" + e.Name())
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got[e.Name()]), e.Name())
	}
}

func TestARecordingFromBeforeIsReplayed(t *testing.T) {
	f, err := recordings.Load(os.DirFS(formatOne), ".")
	require.NoError(t, err)
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{f}})

	a := r.send(t, http.MethodGet, authorize("every-feature", "login_hint", "ann", "prompt", "login"), sdk, "")
	require.Equal(t, http.StatusOK, a.status, a.text)
	assert.Equal(t, "Hello ann", a.Get("greeting").String())
	assert.NotContains(t, a.Get("qr").String(), "{")
	assert.Equal(t, "{{link}}", a.Get("form.components.fields.2.content").String(), "a link of a rich text is no variable")
	a = r.send(t, http.MethodGet, authorize("every-feature"), nil, "")
	assert.Contains(t, a.Get("screen.properties.customHTML.value").String(), `<p>"Hello" \ ann</p>`)

	// The ways that end at the screen of values, each with the request that takes it.
	values := func() *signOn {
		s := r.start(t, f.Policy)
		assert.Equal(t, "invalidPassword", s.press(t, "SIGNON", signing("ann", "mistaken")).Get("code").String())
		a := s.press(t, "SIGNON", rightly("ann"))
		require.Equal(t, "Values", a.Get("form.name").String(), a.text)
		assert.NotEmpty(t, a.header.Get("X-Flow"))
		return s
	}
	assert.Equal(t, http.StatusInternalServerError, r.start(t, f.Name).press(t, "BREAK", nil).status)
	poll := pressing("", "polling", nil)
	s := values()
	assert.Equal(t, "Values", s.post(t, poll).Get("form.name").String(), "the first answer to a poll")
	a = s.post(t, poll)
	assert.NotEmpty(t, a.Get("authorizeResponse.code").String(), a.text)
	for _, name := range []string{"ST", "ST-NO-SS", "theme"} {
		assert.NotEmpty(t, a.cookies[name], name)
	}
	assert.Contains(t, a.header.Values("Set-Cookie"), "theme="+a.cookies["theme"]+"; Path=/; Max-Age=60; SameSite=Lax")

	a = values().press(t, "choose", map[string]any{
		"agree": true, "comment": "any", "count": 3, "device": map[string]any{"type": "EMAIL", "id": "a"},
		"groups": []string{"x", "y"}, "name": "a: b",
	})
	assert.Equal(t, http.StatusFound, a.status, a.text)
	assert.Equal(t, r.base+envPath+"/signon/?flow="+f.Policy, a.header.Get("Location"))
	a = values().press(t, "page", map[string]any{})
	assert.Equal(t, "<!DOCTYPE html>\n<title>"+f.Policy+"</title>\n", a.text)
	assert.Equal(t, http.StatusNoContent, values().press(t, "nothing", nil).status)
	a = values().press(t, "SIGNON", nil)
	assert.Equal(t, http.StatusNotFound, a.status)
	assert.Equal(t, "every-feature", a.header.Get(mockserver.UnmatchedHeader))
}
