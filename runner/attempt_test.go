package runner_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// unsteady is a service that answers only the third journey, and makes a token
// for each. The last answer names the token of the attempt before.
func unsteady(t *testing.T) *httptest.Server {
	t.Helper()
	var starts atomic.Int64
	form := func(w http.ResponseWriter, r *http.Request, n int64, message string) {
		_, _ = fmt.Fprintf(w, `{"id":"n","interactionId":"i","interactionToken":"token-of-attempt-%d","message":%q,`+
			`"form":{"name":"Sign On Form","components":{"fields":[{"type":"PASSWORD","key":"answer","label":"Answer"},`+
			`{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Go"}]}},"_links":{"next":{"href":"http://%s/next"}}}`, n, message, r.Host)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := starts.Load()
		if r.Method == http.MethodGet {
			n = starts.Add(1)
		}
		switch {
		case n == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"code":"STARTING","message":"not yet"}`))
		case r.Method == http.MethodPost && n == 2:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"code":"BUSY","message":"token-of-attempt-2 waits for the-answer-of-mine"}`))
		case r.Method == http.MethodPost:
			form(w, r, n, "after token-of-attempt-2")
		default:
			form(w, r, n, "hello")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// typing types into a field of which only the form says that it is a secret.
const typing = passes + "\nWhen I fill in \"answer\" with \"the-answer-of-mine\"\nAnd I press \"SIGNON\"\n" +
	"Then the flow pauses at \"Sign On Form\""

// What failed before a scenario passed is in every file of the report, whole
// and without a secret of any attempt.
func TestEveryAttemptIsInTheReport(t *testing.T) {
	t.Parallel() // a live target gets three seconds between three tries
	dir := t.TempDir()
	folder, err := output.NewFolder(dir)
	require.NoError(t, err)
	seen := &collector{}
	_, err = (&runner.Suite{
		Features: scenarios(typing), Target: liveAt(t, unsteady(t).URL), Rate: 10_000, Retries: 5,
		Conformance: runner.WarnBroken, Evidence: true, Reporter: report.Many(folder, seen),
	}).Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, folder.Err())
	require.Equal(t, report.Flaky, seen.scenarios[0].Status, seen.verdicts())

	text := map[string]string{}
	for _, name := range []string{"messages.ndjson", "report.html", "report.json", "junit.xml", "summary.md"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		text[name] = string(b)
		for _, secret := range []string{"token-of-attempt", "waits for the-answer", `"answer":"the-answer`, `"answer": "the-answer`} {
			assert.False(t, strings.Contains(text[name], secret), "%s has %s", name, secret) //nolint:testifylint // the text is long
		}
	}
	const busy = "503 failed, BUSY (network): [redacted] waits for [redacted]"
	const body = `{"code":"BUSY","message":"[redacted] waits for [redacted]"}`

	attempts := map[string]int{}
	hops := map[string]string{} // the bodies of the answers
	for line := range strings.Lines(text["messages.ndjson"]) {
		var e struct {
			TestCaseStarted *struct {
				ID      string
				Attempt int
			}
			Attachment *struct{ TestCaseStartedID, FileName, Body string }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		if e.TestCaseStarted != nil {
			attempts[e.TestCaseStarted.ID] = e.TestCaseStarted.Attempt
		}
		if a := e.Attachment; a != nil && strings.HasPrefix(a.FileName, "hop ") {
			var hop struct {
				Response struct{ JSON json.RawMessage }
			}
			require.NoError(t, json.Unmarshal([]byte(a.Body), &hop))
			hops[fmt.Sprintf("%d: %s", attempts[a.TestCaseStartedID], a.FileName)] = string(hop.Response.JSON)
		}
	}
	require.Len(t, hops, 5, "one of the first attempt, and two of each other")
	assert.Equal(t, body, hops[`1: hop 2  POST /next, action "SIGNON" → `+busy]) //nolint:testifylint // byte for byte

	doc, err := html.ParseWithOptions(strings.NewReader(text["report.html"]), html.ParseOptionEnableScripting(false))
	require.NoError(t, err)
	page := goquery.NewDocumentFromNode(doc)
	assert.JSONEq(t, body, page.Find("#s0a2h2[open] pre.body").Last().Text())
	assert.Contains(t, page.Find("#s0a1 > summary").Text(), "network")
	assert.Contains(t, page.Find("#s0a1 .steps").Text(), `When I fill in "answer" with "the-answer-of-mine"`,
		"the sentence is shown as its author wrote it")

	var file struct {
		Scenarios []struct {
			Status   string
			HopCount int
			Attempts []struct {
				Attempt, HopCount int
				Origin, Note      string
				Steps             []struct{ Status string }
				Hops              []struct{ Response string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text["report.json"]), &file))
	one := file.Scenarios[0]
	require.Len(t, one.Attempts, 2)
	assert.Equal(t, "flaky", one.Status)
	assert.Equal(t, 2, one.HopCount)
	assert.Equal(t, busy, one.Attempts[1].Hops[1].Response)
	assert.Equal(t, "network", one.Attempts[1].Origin)
	assert.True(t, strings.HasPrefix(one.Attempts[1].Note, "attempt 2 failed at line "), one.Attempts[1].Note)
	assert.Len(t, one.Attempts[0].Steps, 6)

	var suites struct {
		Out string `xml:"testsuite>testcase>system-out"`
	}
	require.NoError(t, xml.Unmarshal([]byte(text["junit.xml"]), &suites))
	assert.Contains(t, suites.Out, "attempt 2 failed at line 9 (network)")
	assert.Contains(t, suites.Out, "hop 2  POST /next, action \"SIGNON\"\n           → "+busy)
	assert.Contains(t, suites.Out, "attempt 3 passed")
}

// Where no evidence was requested an attempt is kept in short, as any scenario
// that failed is.
func TestAnAttemptWithoutEvidence(t *testing.T) {
	s := &storm{}
	_, out := ran(t, runner.Suite{
		Features: scenarios(breaks("a", "2") + wrong), Steps: s.steps, Retries: 2,
	})
	got := out.scenarios[0]
	require.Equal(t, report.Flaky, got.Status, out.verdicts())
	require.Len(t, got.Earlier, 2)
	for i, a := range got.Earlier {
		assert.Equal(t, report.Failed, a.Steps[3].Status)
		assert.Equal(t, report.Skipped, a.Steps[4].Status)
		assert.Equal(t, notesOf(got)[i], a.Note)
		require.Len(t, a.Hops, 1)
		assert.Nil(t, a.Hops[0].Evidence)
	}
	assert.Equal(t, report.Passed, got.Steps[3].Status, "the steps of one attempt are not those of another")
}

// A run that is stopped before a retry begins reports the attempt that did run
// with those before it, and not with itself.
func TestAttemptsOfARunThatIsStopped(t *testing.T) {
	live := liveAt(t, "http://127.0.0.1:1") // without a listener
	for name, row := range map[string]struct {
		after time.Duration
		want  int
	}{
		"after the first":  {500 * time.Millisecond, 0},
		"after the second": {1500 * time.Millisecond, 1},
		"after the third":  {3500 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), row.after)
				defer cancel()
				out := &collector{}
				_, err := (&runner.Suite{Features: scenarios(passes), Target: live, Retries: 5, Reporter: out, Evidence: true}).Run(ctx)
				require.NoError(t, err)
				assert.Len(t, out.scenarios[0].Earlier, row.want)
			})
		})
	}
}
