//go:build unix

package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// threeHops has n scenarios of 3 hops and 8 assertions.
func threeHops(n int) []byte {
	var b strings.Builder
	b.WriteString("Feature: Three hops\n")
	for i := range n {
		fmt.Fprintf(&b, `
  Scenario: Number %d
    Given the flow "sign-on"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And "capabilityName" is "customHTMLTemplate"
    And "interactionId" is present
    When I fill in "username" with "${user.username}"
    And I fill in "password" with "not-the-password"
    And I press "SIGNON"
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow completes
    And "status" is "COMPLETED"
    And "authorizeResponse.code" is a string
`, i)
	}
	return []byte(b.String())
}

// cpu returns the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// patience is by how much a figure has to miss its bound before a benchmark fails: less
// may come from a busy machine.
const patience = 1.5

// BenchmarkAgainstBareGodog runs 200 scenarios of 3 hops and 8 assertions with
// flowtest and with a bare godog suite in turn. The figure "cpu-ratio" is the
// processor time of the one, with the collector set as the program sets it, over
// that of the other; the bound is 1.15. "same-gc-ratio" is the same with Go's
// own setting for both. "reports-ratio" is that of a run which keeps evidence
// and writes all reports, as the program does with --report, the judgment of the
// SDKs included; the bound is 1.5. It fails where one of the two is that far beyond
// its bound after ten rounds, see patience.
func BenchmarkAgainstBareGodog(b *testing.B) {
	const (
		n                      = 200
		mostPlain, mostReports = 1.15, 1.5
	)
	text := threeHops(n)
	flows := shipped.Flows(b)
	replay := runner.Replay()
	run := func(reporters ...report.Reporter) {
		run, err := (&runner.Suite{
			Features: []runner.Source{{FS: fstest.MapFS{"a.feature": {Data: text}}, Path: "a.feature"}},
			Target:   replay, Recordings: flows, Concurrency: 1, Evidence: len(reporters) > 0, SDKs: len(reporters) > 0,
			Reporter: report.Many(append(reporters, output.NewProgress(io.Discard, false))...),
		}).Run(b.Context())
		require.NoError(b, err)
		require.Equal(b, n, run.Counts[report.Passed])
		require.Equal(b, 3*n, run.Hops)
	}
	ours := func() { run() }
	dir := b.TempDir()
	reports := func() {
		folder, err := output.NewFolder(dir)
		require.NoError(b, err)
		run(folder)
		require.NoError(b, folder.Err())
	}
	bare := func() {
		code := godog.TestSuite{
			Name: "bare", ScenarioInitializer: bareSteps,
			Options: &godog.Options{
				Format: "progress", Output: io.Discard, NoColors: true, Strict: true, Concurrency: 1,
				FeatureContents: []godog.Feature{{Name: "a.feature", Contents: text}},
			},
		}.Run()
		require.Zero(b, code)
	}
	ours()
	bare()
	asProgram := func(f func()) func() {
		return func() {
			before := debug.SetGCPercent(200) // as the program does
			f()
			debug.SetGCPercent(before)
		}
	}
	var used [4]time.Duration
	rounds := 0
	round := func() {
		rounds++
		for i, run := range []func(){asProgram(ours), bare, ours, asProgram(reports)} {
			runtime.GC() // so that none cleans up after another
			before := cpu(b)
			run()
			used[i] += cpu(b) - before
		}
	}
	ratio := func(i int) float64 { return float64(used[i]) / float64(used[1]) }
	for b.Loop() {
		round()
	}
	b.StopTimer()
	for rounds < 10 && (ratio(0) > patience*mostPlain || ratio(3) > patience*mostReports) { // one round may be another process's
		round()
	}
	b.ReportMetric(ratio(0), "cpu-ratio")
	b.ReportMetric(ratio(2), "same-gc-ratio")
	b.ReportMetric(ratio(3), "reports-ratio")
	for i, name := range []string{"flowtest", "bare", "", "reports"} {
		if name != "" {
			b.ReportMetric(float64(used[i].Microseconds())/float64(rounds*n), name+"-µs/scenario")
		}
	}
	if ratio(0) > patience*mostPlain {
		b.Errorf("a run takes %.2f times the processor time of bare godog, the bound is %.2f", ratio(0), mostPlain)
	}
	if ratio(3) > patience*mostReports {
		b.Errorf("a run with all reports takes %.2f times the processor time of bare godog, the bound is %.2f", ratio(3), mostReports)
	}
}

// bareWorld is what a person writes who drives the same journey by hand.
type bareWorld struct {
	client *http.Client
	fields map[string]string
	status int
	body   []byte
	screen gjson.Result
}

var (
	bareFlow     = regexp.MustCompile(`^the flow "([^"]*)"$`)
	bareStart    = regexp.MustCompile(`^I start the flow$`)
	barePauses   = regexp.MustCompile(`^the flow pauses at "([^"]*)"$`)
	bareIs       = regexp.MustCompile(`^"([^"]*)" is "([^"]*)"$`)
	barePresent  = regexp.MustCompile(`^"([^"]*)" is present$`)
	bareString   = regexp.MustCompile(`^"([^"]*)" is a string$`)
	bareFill     = regexp.MustCompile(`^I fill in "([^"]*)" with "([^"]*)"$`)
	barePress    = regexp.MustCompile(`^I press "([^"]*)"$`)
	bareStatus   = regexp.MustCompile(`^the response status is (\d+)$`)
	bareReports  = regexp.MustCompile(`^the flow reports "([^"]*)"$`)
	bareComplete = regexp.MustCompile(`^the flow completes$`)
)

func bareSteps(sc *godog.ScenarioContext) {
	w := &bareWorld{fields: map[string]string{}}
	check := func(ok bool, what string) error {
		if !ok {
			return fmt.Errorf("not as wanted: %s", what)
		}
		return nil
	}
	sc.Given(bareFlow, func(string) error {
		jar, err := cookiejar.New(nil)
		w.client = &http.Client{Transport: bareService(), Jar: jar}
		return err
	})
	sc.When(bareStart, func(ctx context.Context) error {
		return w.send(ctx, http.MethodGet, "https://auth.example.test/env/as/authorize?response_mode=pi.flow&client_id=c", nil)
	})
	sc.Then(barePauses, func(name string) error {
		return check(gjson.GetBytes(w.body, "form.name").String() == name, "form")
	})
	sc.Then(bareIs, func(path, value string) error {
		return check(gjson.GetBytes(w.body, path).String() == value, path)
	})
	sc.Then(barePresent, func(path string) error { return check(gjson.GetBytes(w.body, path).Exists(), path) })
	sc.Then(bareString, func(path string) error {
		return check(gjson.GetBytes(w.body, path).Type == gjson.String, path)
	})
	sc.When(bareFill, func(key, value string) error {
		w.fields[key] = value
		return nil
	})
	sc.When(barePress, func(ctx context.Context, key string) error {
		text, err := json.Marshal(map[string]any{
			"id": w.screen.Get("id").String(), "eventName": "continue", "interactionId": w.screen.Get("interactionId").String(),
			"parameters": map[string]any{
				"eventType": "submit", "data": map[string]any{"actionKey": key, "formData": w.fields},
			},
		})
		if err != nil {
			return err
		}
		return w.send(ctx, http.MethodPost, w.screen.Get("_links.next.href").String(), text)
	})
	sc.Then(bareStatus, func(status int) error { return check(w.status == status, strconv.Itoa(w.status)) })
	sc.Then(bareReports, func(message string) error {
		return check(strings.TrimSpace(gjson.GetBytes(w.body, "message").String()) == message, "message")
	})
	sc.Then(bareComplete, func() error { return check(gjson.GetBytes(w.body, "authorizeResponse").Exists(), "end") })
}

func (w *bareWorld) send(ctx context.Context, method, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Requested-With", "ping-sdk")
	req.Header.Set("interactionId", w.screen.Get("interactionId").String())
	req.Header.Set("interactionToken", w.screen.Get("interactionToken").String())
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	w.status = resp.StatusCode
	if w.body, err = io.ReadAll(resp.Body); err != nil {
		return err
	}
	if r := gjson.ParseBytes(w.body); r.Get("form").Exists() {
		w.screen = r
	}
	return nil
}

// bareService answers with the bodies of the shipped recording, as they lie there.
func bareService() http.RoundTripper {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodGet, `=~/as/authorize`, bareAnswer(200, "sign-on-form.json"))
	first := true
	refused, completed := bareAnswer(400, "wrong-password.json"), bareAnswer(200, "completed.json")
	mock.RegisterResponder(http.MethodPost, `=~/capabilities/`, func(r *http.Request) (*http.Response, error) {
		if first {
			first = false
			return refused(r)
		}
		return completed(r)
	})
	return mock
}

var bareBodies = func() map[string]string {
	out := map[string]string{}
	fsys := recordings.Shipped()
	for _, name := range []string{"sign-on-form.json", "wrong-password.json", "completed.json"} {
		f, err := fsys.Open("sign-on/" + name)
		if err != nil {
			panic(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			panic(err)
		}
		out[name] = strings.ReplaceAll(string(text), "{{authPath}}", "https://auth.example.test")
	}
	return out
}()

func bareAnswer(status int, name string) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		resp := httpmock.NewStringResponse(status, bareBodies[name])
		resp.Header.Set("Set-Cookie", "interactionId=1; Path=/; HttpOnly")
		return resp, nil
	}
}
