package record_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/steps/generated"
)

// setCookies adds cookies to every answer, as the gateways before a service do.
func setCookies(header http.Header, n int64) {
	now := time.Now().UTC()
	value := fmt.Sprintf("%d-0123456789abcdef", n)
	for _, line := range []string{
		"ST=" + value + "; Path=/; HttpOnly", "ST-NO-SS=" + value + "; Path=/; Secure; HttpOnly; SameSite=Lax",
		`quoted="` + value + ` b"; Path=/`, `json={"a":"` + value + `","b":[1]}`, "cart[1]=" + value + "; Partitioned; Secure; Path=/",
		"soon=1; Expires=" + now.Add(20*time.Second).Format(http.TimeFormat),
		"later=1; Expires=" + now.Add(90*time.Second).Format(http.TimeFormat),
		"year=1; Expires=" + now.AddDate(1, 0, 0).Format(http.TimeFormat),
		fmt.Sprintf("left=1; Max-Age=%d", 86400-n%7), "gone=; Max-Age=0", "old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
		"twice=1; Path=/", "twice=2; Path=/davinci", "__Host-id=" + value + "; Path=/; Secure; Priority=High", "empty=; Path=/",
	} {
		header.Add("Set-Cookie", line)
	}
}

// stand is a live side whose answers pass through wrap.
func stand(t *testing.T, flows []*recordings.Flow, wrap func(http.Handler) http.Handler) *target.Target {
	t.Helper()
	to := stagingOf(t, flows)
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
	require.NoError(t, err)
	up := httptest.NewTLSServer(wrap(server))
	t.Cleanup(up.Close)
	to.Live.Authorize = up.URL + "/" + mockserver.DefaultEnvironment + "/as/authorize"
	to.Live.CA.AddCert(up.Certificate())
	return to
}

// recordedAgain records a flow of a live side by the requests of f, as record writes it, and
// compares it with what the live side answers then.
func recordedAgain(t *testing.T, f *recordings.Flow, to *target.Target) (*recordings.Flow, *diff.Difference, []string) {
	t.Helper()
	journeys, _, err := (&record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}).Drive(t.Context(), f)
	require.NoError(t, err)
	r := &record.Recorder{Dir: t.TempDir(), Target: to, Fresh: true}
	for i := range journeys { // as if it were not known from which hops they are
		for j := range journeys[i] {
			journeys[i][j].Hop = ""
		}
	}
	_, dir, err := save(r, f.Name, journeys)
	require.NoError(t, err)
	written, err := recordings.Load(os.DirFS(dir), ".")
	require.NoError(t, err)
	journeys, notes, err := (&record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}).Drive(t.Context(), written)
	require.NoError(t, err)
	now, err := r.Relearn(written, journeys)
	require.NoError(t, err)
	return written, diff.Compare(written, now.Flow, diff.Options{Judge: record.Judged}), notes
}

func shown(t *testing.T, d *diff.Difference) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, diff.Text(&b, d))
	return b.String()
}

// Right after a flow was recorded there is no difference: whatever cookies it sets, and
// with screens without a button or whose button has no key.
func TestNoDifferenceRightAfterRecording(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	cookies := func(to http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			setCookies(w.Header(), n.Add(1))
			to.ServeHTTP(w, r)
		})
	}
	for _, f := range shipped.Flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			written, d, notes := recordedAgain(t, f, stand(t, shipped.Flows(t), cookies))
			assert.Empty(t, notes)
			assert.Equal(t, fmt.Sprintf("flow %q: no difference\n", f.Name), shown(t, d))
			for _, h := range written.Hops {
				if h.To == nil {
					assert.GreaterOrEqual(t, len(h.Response.Cookies), 15, h.Name)
				}
			}
		})
	}
}

// What cannot be walked is named, and never passes for no difference: a token of an
// identity provider that no user has, and a hop to which no path leads.
func TestWhatCannotBeWalkedIsNamed(t *testing.T) {
	t.Parallel()
	f := named(shipped.Flows(t), "social")
	to := stagingOf(t, shipped.Flows(t))
	known := target.Demo()["alice"]
	delete(known, "googleToken")
	to.Users["alice"] = target.NewUser(known)
	journeys, notes, err := (&record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}).Drive(t.Context(), f)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`the path to "signed-on-with-google" ends before it: it comes back from an identity provider with ` +
			`${user.googleToken}, and the user "alice" has no googleToken`,
		`the path to "signed-on-in-french" ends before it: it comes back from an identity provider with ` +
			`${user.googleToken}, and the user "alice" has no googleToken`,
		`the path to "signed-on-with-the-google-sdk" ends before it: it comes back from an identity provider with ` +
			`${user.googleToken}, and the user "alice" has no googleToken`,
	}, notes)
	now, err := (&record.Recorder{Dir: t.TempDir(), Target: to, Fresh: true}).Relearn(f, journeys)
	require.NoError(t, err)
	text := shown(t, diff.Compare(f, now.Flow, diff.Options{}))
	assert.Contains(t, text, "flow \"social\": no difference in what was recorded again\n")
	assert.Contains(t, text, "hop signed-on-with-google (back from an identity provider with \"${user.googleToken}\")")
}

// Whatever ends the polling of a challenge is recorded, replayed and found again.
func TestHowAChallengeEndsIsRecordedAndReplayed(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string][]string{ // at the screens of mfa whose challenge ends
		"as shipped": {"approved", "rejected", "expired", "timedOut"}, "others": {"OTP_REQUIRED", "error", "expired", "timedOut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := named(shipped.Flows(t), "mfa").Files()
			require.NoError(t, err)
			fsys := fstest.MapFS{}
			for name, text := range files {
				edited := strings.NewReplacer("poll: approved", "poll: "+ends[0], "poll: rejected", "poll: "+ends[1]).Replace(string(text))
				edited = regexp.MustCompile(`"pollInterval": "?[0-9]+"?`).ReplaceAllString(edited, `"pollInterval": "1"`)
				edited = regexp.MustCompile(`"pollRetries": "?[0-9]+"?`).ReplaceAllString(edited, `"pollRetries": "3"`)
				fsys[name] = &fstest.MapFile{Data: []byte(edited)}
			}
			service, err := recordings.Load(fsys, ".")
			require.NoError(t, err)
			written, d, notes := recordedAgain(t, service, stagingOf(t, []*recordings.Flow{service}))
			assert.Empty(t, notes)
			assert.Equal(t, "flow \"mfa\": no difference\n", shown(t, d))
			var posted []any
			for _, h := range written.Hops {
				if h.Request.EventType == "polling" && h.Request.FormData()["poll"] != "continue" {
					posted = append(posted, h.Request.FormData()["poll"])
				}
			}
			for _, end := range ends {
				assert.Contains(t, posted, end)
			}
			journeys, notes, err := (&record.Rewalk{
				Target: stagingOf(t, []*recordings.Flow{written}), User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true},
			}).Drive(t.Context(), written)
			require.NoError(t, err)
			assert.Empty(t, notes, "the replay of what was recorded")
			for _, journey := range journeys {
				for i := range journey {
					assert.NotContains(t, string(journey[i].Response), "notRecorded")
				}
			}
		})
	}
}

// endings are a flow whose challenge ends in many ways at one screen.
func endings(t *testing.T, ends string) *recordings.Flow {
	t.Helper()
	files, err := named(shipped.Flows(t), "mfa").Files()
	require.NoError(t, err)
	fsys := fstest.MapFS{}
	for name, text := range files {
		edited := regexp.MustCompile(`"pollInterval": "?[0-9]+"?`).ReplaceAllString(string(text), `"pollInterval": "1"`)
		edited = regexp.MustCompile(`"pollRetries": "?[0-9]+"?`).ReplaceAllString(edited, `"pollRetries": "3"`)
		edited = strings.Replace(edited, "  - name: watch-form\n", ends+"\n  - name: watch-form\n", 1)
		fsys[name] = &fstest.MapFile{Data: []byte(edited)}
	}
	f, err := recordings.Load(fsys, ".")
	require.NoError(t, err)
	return f
}

// A challenge that ends in several ways at one screen is walked through all of them, as far as
// the flow goes on after each; what the service does not answer is named, and is no difference.
func TestAllEndsOfAChallengeAreWalked(t *testing.T) {
	t.Parallel()
	const more = `  - name: tablet-expired
    from: tablet-form
    request: {eventType: polling, formData: {poll: expired}}
    to: device-form

  - name: tablet-timed-out
    from: tablet-form
    request: {eventType: polling, formData: {poll: timedOut}}
    to: device-form

  - name: tablet-approved
    from: tablet-form
    request: {eventType: polling, formData: {poll: approved}}
    response: {status: 200, json: completed.json, cookies: [ST, ST-NO-SS]}
`
	f := endings(t, more)
	written, d, notes := recordedAgain(t, f, stagingOf(t, []*recordings.Flow{f}))
	assert.Empty(t, notes)
	assert.Equal(t, "flow \"mfa\": no difference\n", shown(t, d))
	var posted []any
	for _, h := range written.Hops {
		if h.Request.EventType == "polling" && strings.Contains(string(h.From[0].Response.JSON.Text), "Your Tablet") {
			posted = append(posted, h.Request.FormData()["poll"])
		}
	}
	assert.Equal(t, []any{"rejected", "expired", "timedOut", "approved"}, posted)

	recorded := endings(t, strings.Replace(more, "expired}", "denied}", 1))
	approval := more[strings.Index(more, "  - name: tablet-approved"):]
	lost := []string{`tablet-expired (polling with poll "denied"): the flow showed`, `tablet-timed-out (polling with poll "timedOut"): the flow showed`}
	for name, row := range map[string]struct {
		ends, note string
		lost       []string
	}{
		"an end that was not recorded": {
			strings.Replace(more, "timedOut}", "blocked}", 1), `the challenge ended "expired", which was not recorded`,
			append(lost[:2:2], `tablet-approved (polling with poll "approved"): the flow completed`),
		},
		"the end of the flow, after which there is none": {
			approval, `the challenge ended "approved", as in "tablet-approved"`, lost,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := stagingOf(t, []*recordings.Flow{endings(t, row.ends)})
			walk := &record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
			journeys, notes, err := walk.Drive(t.Context(), recorded)
			require.NoError(t, err)
			assert.Equal(t, []string{`the path to "tablet-approved" ends before it: ` + row.note}, notes)
			now, err := (&record.Recorder{Dir: t.TempDir(), Target: to, Fresh: true}).Relearn(recorded, journeys)
			require.NoError(t, err)
			text := shown(t, diff.Compare(recorded, now.Flow, diff.Options{}))
			assert.True(t, strings.HasPrefix(text, "flow \"mfa\": no difference in what was recorded again\n"), text)
			assert.Equal(t, len(row.lost), strings.Count(text, "hop "), text)
			for _, hop := range row.lost {
				assert.Contains(t, text, hop)
			}
		})
	}
}
