package mockserver_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// refusedAt sends a request of a sign-on that is at the first screen of the
// flow sign-on, with its handles and its link as change leaves them.
func refusedAt(tb testing.TB, s *signOn, change func(header map[string]string, link *string)) reply {
	tb.Helper()
	header := map[string]string{"interactionId": s.id, "interactionToken": s.token, "Content-Type": "application/json"}
	maps.Copy(header, sdk)
	link := s.link
	change(header, &link)
	return s.send(tb, http.MethodPost, link, header, pressing("SIGNON", "submit", rightly("ann")))
}

// What is refused before any hop is looked for is shown as what is missed is, and
// leaves the sign-on where it was.
func TestInspectShowsWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change  func(header map[string]string, link *string)
		status  int
		problem string
		known   bool // whether it is seen of which sign-on it is
	}{
		"a stale token": {
			func(h map[string]string, _ *string) { h["interactionToken"] = "stale" },
			401, "the interactionToken is not the one of the last answer: send that one", true,
		},
		"no token": {
			func(h map[string]string, _ *string) { delete(h, "interactionToken") },
			401, "no interactionToken was sent: want it in a header or a cookie", true,
		},
		"no id": {
			func(h map[string]string, _ *string) { delete(h, "interactionId") },
			401, "no interactionId was sent: want it in a header, a cookie or the body", false,
		},
		"an id that was never issued": {
			func(h map[string]string, _ *string) { h["interactionId"] = "c4n4ry" },
			401, "the interactionId is unknown, or its sign-on has ended or expired: start the flow again", false,
		},
		"another capability": {
			func(_ map[string]string, link *string) {
				*link = strings.Replace(*link, "customHTMLTemplate", "c4n4ry", 1)
			},
			400, "sent to another capability than the screen's, want connection CONNECTION and capability customHTMLTemplate: follow the next link of the last answer", true,
		},
		"another connection": {
			func(_ map[string]string, link *string) {
				*link = strings.Replace(*link, "/connections/", "/connections/c4n4ry", 1)
			},
			400, "sent to another connection than the screen's, want connection CONNECTION and capability customHTMLTemplate: follow the next link of the last answer", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := replaying(t, mockserver.Config{Inspect: true})
			s := r.start(t, "sign-on")
			_, rest, _ := strings.Cut(s.link, "/connections/")
			connection, _, _ := strings.Cut(rest, "/")
			want := strings.ReplaceAll(row.problem, "CONNECTION", connection)
			require.Equal(t, row.status, refusedAt(t, s, row.change).status)

			got := inspectedJSON(t, r.Server)
			require.Len(t, got.Get("misses").Array(), 1)
			miss := got.Get("misses.0")
			assert.Equal(t, int64(row.status), miss.Get("status").Int())
			assert.Equal(t, want, miss.Get("problem").String())
			assert.Equal(t, `action "SIGNON", eventType "submit", fields password username`, miss.Get("sent").String())
			page := inspectedPage(t, r.Server).Find("#misses + div tbody tr")
			assert.Equal(t, 1, page.Length())
			assert.Contains(t, page.Text(), want)
			signOn := got.Get("signOns.0")
			assert.Equal(t, "running", signOn.Get("state").String())
			assert.Equal(t, "sign-on-form", signOn.Get("at").String())
			if row.known {
				assert.Equal(t, signOn.Get("id").String(), miss.Get("signOn").String())
				assert.Equal(t, "sign-on", miss.Get("flow").String())
				assert.Equal(t, want, signOn.Get("hops.1.problem").String())
				assert.Equal(t, "sign-on-form", signOn.Get("hops.1.to").String())
			} else {
				assert.Empty(t, miss.Get("signOn").String())
				assert.Len(t, signOn.Get("hops").Array(), 1)
			}
			assert.NotContains(t, got.Raw, "c4n4ry", "what a client makes up is not shown")
			assert.Equal(t, "COMPLETED", s.press(t, "SIGNON", rightly("ann")).Get("status").String())
		})
	}
}

// A sign-on that is over is still known by the id that was handed out.
func TestInspectShowsWhoComesTooLate(t *testing.T) {
	t.Parallel()
	clock := &watch{noon}
	r := replaying(t, mockserver.Bounded(mockserver.Config{Inspect: true, Now: clock.now}, 0, time.Minute))
	ended, expired := r.start(t, "sign-on"), r.start(t, "sign-on")
	require.Equal(t, "COMPLETED", ended.press(t, "SIGNON", rightly("ann")).Get("status").String())
	clock.pass(time.Minute + 1)
	for _, late := range []*signOn{ended, expired} {
		requireUnauthorized(t, late.press(t, "TROUBLE", nil))
		got := inspectedJSON(t, r.Server)
		assert.Equal(t, late.id[:8], got.Get("misses.0.signOn").String())
		assert.Equal(t, "sign-on", got.Get("misses.0.flow").String())
		assert.Equal(t, int64(401), got.Get("misses.0.status").Int())
	}
	got := inspectedJSON(t, r.Server)
	states := map[string]string{}
	for _, s := range got.Get("signOns").Array() {
		states[s.Get("id").String()] = s.Get("state").String()
	}
	assert.Equal(t, map[string]string{ended.id[:8]: "finished", expired.id[:8]: "expired"}, states, "nothing comes to life again")
}
