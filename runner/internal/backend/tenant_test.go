package backend_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/target"
	"flowtest/steps"
)

// What the configuration lacks for cleaning is said before anything is sent, and for a command.
func TestCleaningNeedsASetUp(t *testing.T) {
	t.Parallel()
	worker := &target.Worker{API: "https://api.example.test/v1", Token: "https://auth.example.test/token"}
	for name, row := range map[string]struct {
		live target.Live
		dry  bool
		want string
	}{
		"readOnly without a worker app": {target.Live{ReadOnly: true}, true, `the target "staging" has no worker app`},
		"readOnly without a population": {target.Live{ReadOnly: true, Worker: worker}, true, `the target "staging" names no population`},
		"readOnly": {
			target.Live{ReadOnly: true, Worker: worker, Population: "flowtest"},
			false,
			`the target "staging" is readOnly, so nothing was sent: --dry-run says what would be removed`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := backend.CleanUsers(t.Context(), &target.Target{Name: "staging", Live: &row.live}, time.Now(), row.dry, nil)
			var setup *backend.SetupError
			require.ErrorAs(t, err, &setup)
			assert.Contains(t, err.Error(), row.want)
		})
	}
}

// An error about a link names its host, and nothing of what stands in the message.
func TestALinkThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	const token = "canary-of-the-link-1"
	var site *httptest.Server
	link := ""
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/search"):
			_ = json.NewEncoder(w).Encode(map[string]any{"messages": []any{map[string]any{
				"ID": "1", "Created": time.Now().Add(time.Minute), "To": []any{map[string]any{"Address": "ada@example.com"}},
			}}})
		case strings.HasSuffix(r.URL.Path, "/message/1"):
			_ = json.NewEncoder(w).Encode(map[string]any{"Text": link})
		case strings.HasPrefix(r.URL.Path, "/away"):
			http.Redirect(w, r, "https://elsewhere.example/a/"+token+"?t="+token, http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/bad"):
			w.Header().Set("Location", "http://[::1/"+token)
			w.WriteHeader(http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/around"):
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(site.Close)
	host := strings.TrimPrefix(site.URL, "http://")
	b, err := backend.Open(t.Context(), backend.Config{Messages: true, Rate: 10000, Target: &target.Target{
		Name: "staging", Live: &target.Live{
			Authorize: site.URL + "/as/authorize", Mail: &target.Mailbox{Type: target.MailMailpit, URL: site.URL, Wait: time.Minute},
		},
	}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	s := b.Scenario()
	for to, want := range map[string]string{
		"https://elsewhere.example/a/" + token:         "the link in the email was not opened: it leads to https://elsewhere.example, which is not a host of the target or not https: list it below hosts of the target",
		site.URL + "/away/" + token:                    "the link in the email could not be opened: it leads to https://elsewhere.example, which is not a host of the target or not https",
		site.URL + "/bad/" + token:                     "the link in the email could not be opened: " + host + " had no answer to it",
		site.URL + "/around/" + token:                  "the link in the email could not be opened: it redirects without end",
		site.URL + "/gone/" + token + "?code=" + token: "the link in the email could not be opened: " + host + " answered with 404, want less than 400",
	} {
		link = to
		err := s.Tenant().OpenLink(context.WithoutCancel(t.Context()), steps.Person{Email: "ada@example.com"}, steps.Message{})
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), token)
		for _, text := range []string{"/a/" + token, "it was " + token, to} {
			assert.NotContains(t, b.Redactor().Redact(text), token)
		}
	}
	assert.Equal(t, "POST …/capabilities/customForm", b.Redactor().Redact("POST …/capabilities/customForm"))
}
