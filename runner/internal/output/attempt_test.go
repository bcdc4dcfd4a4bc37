package output_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// retried is a run of a flaky scenario and of one that failed at every attempt.
func retried() *story {
	s := sampleRun()
	s.scenarios = s.scenarios[3:5]
	s.plan.Scenarios = 2
	return s
}

// Each attempt is a start of its test case, as the Cucumber Messages have it.
func TestAttemptsInTheStream(t *testing.T) {
	t.Parallel()
	type attempt struct {
		TestCaseID string
		Attempt    int
		Statuses   []string
		Again      bool
		Hops       []string
	}
	var got []*attempt
	byID := map[string]*attempt{}
	for line := range strings.Lines(string(streamOf(t, retried()))) {
		var e struct {
			TestCaseStarted *struct {
				ID, TestCaseID string
				Attempt        int
			}
			TestStepFinished *struct {
				TestCaseStartedID string
				TestStepResult    struct{ Status string }
			}
			TestCaseFinished *struct {
				TestCaseStartedID string
				WillBeRetried     bool
			}
			Attachment *struct{ TestCaseStartedID, TestStepID, FileName, MediaType string }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		switch {
		case e.TestCaseStarted != nil:
			a := &attempt{TestCaseID: e.TestCaseStarted.TestCaseID, Attempt: e.TestCaseStarted.Attempt}
			require.NotContains(t, byID, e.TestCaseStarted.ID)
			byID[e.TestCaseStarted.ID] = a
			got = append(got, a)
		case e.TestStepFinished != nil:
			a := byID[e.TestStepFinished.TestCaseStartedID]
			a.Statuses = append(a.Statuses, e.TestStepFinished.TestStepResult.Status)
		case e.TestCaseFinished != nil:
			byID[e.TestCaseFinished.TestCaseStartedID].Again = e.TestCaseFinished.WillBeRetried
		case e.Attachment != nil && e.Attachment.MediaType == "application/json":
			a := byID[e.Attachment.TestCaseStartedID]
			assert.NotEmpty(t, e.Attachment.TestStepID)
			a.Hops = append(a.Hops, e.Attachment.FileName)
		}
	}
	require.Len(t, got, 5)
	const busy = "hop 1  GET …/as/authorize → 503 failed, BUSY (network): come back later"
	flaky, away := got[0].TestCaseID, got[2].TestCaseID
	require.NotEqual(t, flaky, away)
	assert.Equal(t, []*attempt{
		{flaky, 0, []string{"PASSED", "FAILED", "SKIPPED"}, true, []string{busy}},
		{flaky, 1, []string{"PASSED", "PASSED", "PASSED"}, false, []string{"hop 1  GET …/as/authorize → 200 paused"}},
		{away, 0, []string{"PASSED", "FAILED"}, true, []string{busy}},
		{away, 1, []string{"PASSED", "FAILED"}, true, []string{busy}},
		{away, 2, []string{"PASSED", "FAILED"}, false, nil},
	}, got)
}

// What is whole is read, and what is missing is counted.
func TestAttemptsOfADamagedStream(t *testing.T) {
	t.Parallel()
	written := string(streamOf(t, retried()))
	without := func(pattern string, n int) string {
		return replaceNth(written, regexp.MustCompile(`(?m)^.*`+pattern+`.*\n`), n, "")
	}
	for name, test := range map[string]struct {
		give     string
		want     string
		attempts []int // by scenario
		hops     []int // of the attempts, by scenario
	}{
		"it is whole":                       {written, "", []int{1, 2}, []int{1, 2}},
		"the first attempt is lost":         {without(`flowtest\.attempt\+json`, 1), "1 earlier attempt cannot be read", []int{0, 2}, []int{0, 2}},
		"an attempt in the middle is lost":  {without(`flowtest\.attempt\+json`, 2), "1 earlier attempt cannot be read", []int{1, 1}, []int{1, 1}},
		"an attempt of noise":               {strings.Replace(written, `{\"origin\":\"network\"`, `{\"origin\":7`, 1), "1 earlier attempt cannot be read, 1 line cannot be read", []int{0, 2}, []int{0, 2}},
		"the hop of an attempt is lost":     {without(`503 failed`, 1), "1 hop cannot be read", []int{1, 2}, []int{0, 2}},
		"all of its attempts are lost":      {regexp.MustCompile(`(?m)^.*flowtest\.attempt\+json.*\n`).ReplaceAllString(written, ""), "3 earlier attempts cannot be read", []int{0, 0}, []int{0, 0}},
		"a scenario is lost, with its own":  {without(`flowtest\.scenario\+json`, 1), "1 scenario of the plan did not finish or cannot be read", []int{2}, []int{2}},
		"and where the next begins is lost": {regexp.MustCompile(`(?m)^\{"testCase":.*\n`).ReplaceAllString(without(`flowtest\.scenario\+json`, 1), ""), "1 scenario of the plan did not finish or cannot be read", []int{2}, []int{2}},
		"it is cut off in the last attempt": {written[:strings.LastIndex(written, `"attempt":2`)], "1 scenario of the plan did not finish or cannot be read, the last line was cut off after 20 bytes, the end of the run is missing", []int{1}, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			var got memory
			_, lost, err := stream.Read(strings.NewReader(test.give), &got)
			require.NoError(t, err)
			assert.Equal(t, test.want, lost.String())
			attempts, hops := []int{}, []int{}
			for _, s := range got.scenarios {
				n := 0
				for _, a := range s.Earlier {
					n += len(a.Hops)
				}
				attempts, hops = append(attempts, len(s.Earlier)), append(hops, n)
			}
			assert.Equal(t, test.attempts, attempts)
			assert.Equal(t, test.hops, hops)
		})
	}
}

func replaceNth(text string, pattern *regexp.Regexp, n int, by string) string {
	at := pattern.FindAllStringIndex(text, n)[n-1]
	return text[:at[0]] + by + text[at[1]:]
}

// A stream of a flowtest that kept only the last attempt is read as it was.
func TestAStreamWithoutEarlierAttemptsIsRead(t *testing.T) {
	t.Parallel()
	s := retried()
	for _, sc := range s.scenarios {
		sc.Earlier = nil
	}
	written := streamOf(t, s)
	require.NotContains(t, string(written), "earlier")
	var got memory
	_, lost, err := stream.Read(bytes.NewReader(written), &got)
	require.NoError(t, err)
	assert.False(t, lost.Any())
	assert.Empty(t, got.scenarios[0].Earlier)
	assert.Contains(t, readAll(t, folderOf(t, s), "report.html"), "attempt 1 failed at line 24 (network)", "the note stands for what is not there")
}

// What an attempt broke before another passed is shown there, and counts nowhere.
func TestEarlierAttemptsAreInNoMatrix(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, retried())
	var doc struct {
		Conformance []struct {
			ID     string
			Result string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(readAll(t, dir, "report.json")), &doc))
	for _, r := range doc.Conformance {
		assert.NotEqual(t, "warning", r.Result, r.ID)
	}
	assert.Contains(t, readAll(t, dir, "report.html"), `<span class="tag t-warning">warning</span> <b>MUST</b> <code>SAMPLE-FORM</code>`)
}

// A person who opens a flaky scenario sees what failed first, and of one that
// failed to the end the last attempt first.
func TestAttemptsOnThePage(t *testing.T) {
	t.Parallel()
	text := readAll(t, folderOf(t, retried()), "report.html")
	doc := parsePage(t, text)

	flaky := doc.Find("#s0")
	assert.Contains(t, flaky.Find("summary").First().Text(), "2 attempts · 1 hop")
	assert.Equal(t, []string{"What failed before", "Attempt 2 passed"}, flaky.Find("h4.attempts").Map(func(_ int, s *goquery.Selection) string { return s.Text() }))
	first := flaky.Find("details.a")
	require.Equal(t, 1, first.Length())
	assert.Equal(t, "s0a1", first.AttrOr("id", ""))
	_, open := first.Attr("open")
	assert.True(t, open, "what it is called flaky for")
	assert.Contains(t, first.Find("summary").First().Text(), "failed: Attempt 1 network try 1: the service answers 503")
	assert.Equal(t, "try 1: the service answers 503\n  BUSY", first.Find(".why pre").Text())
	assert.Equal(t, 3, first.Find(".steps li").Length())
	assert.Equal(t, "The journey of attempt 1, hop by hop", first.Find(".journey").AttrOr("aria-label", ""))
	hop := first.Find("details.h[open]")
	require.Equal(t, 1, hop.Length(), "the hop at which it failed")
	assert.Equal(t, "s0a1h1", hop.AttrOr("id", ""))
	assert.Equal(t, "busy <1>", hop.Find("pre.body").Text(), "without JavaScript too")
	assert.Equal(t, "#s0a1h1", first.Find(".journey a").AttrOr("href", ""))
	inside := flaky.Find(".inside").First()
	assert.Less(t, inside.ChildrenFiltered("details.a").Index(), inside.ChildrenFiltered(".journey").Index(), "in the order in which it was")
	assert.Zero(t, inside.ChildrenFiltered(".why").Length(), "its note is with the attempt")

	failed := doc.Find("#s1")
	assert.Equal(t, []string{"Earlier attempts"}, failed.Find("h4.attempts").Map(func(_ int, s *goquery.Selection) string { return s.Text() }))
	assert.Equal(t, 2, failed.Find("details.a").Length())
	assert.Zero(t, failed.Find("details.a[open]").Length(), "the last attempt tells why it failed")
	assert.Equal(t, "flow: GET /env/as/authorize: dial tcp 127.0.0.1:1: connect: connection refused", failed.Find(".why pre").First().Text())
	assert.Contains(t, failed.Find("#s1a2h1[open] pre.body").Text(), "still busy")

	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		assert.False(t, ids[id], "%s stands there twice", id)
		ids[id] = true
	})

	scripted := parseScripted(t, text)
	asides := scripted.Find("#s1 details.a > noscript")
	require.Equal(t, 2, asides.Length(), "what is closed costs a browser little")
	asides = scripted.Find("noscript")
	asides.Each(func(_ int, aside *goquery.Selection) {
		assert.NotContains(t, aside.Text(), "<noscript", "none stands in another")
	})
}

// Many attempts make no page that is too large: the first are drawn, and their
// hops are packed when there is no more room.
func TestManyAttemptsOnThePage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
	s := retried()
	var hops []report.Hop
	for range 25 {
		hops = append(hops, busyHop(strings.Repeat("busy ", 40_000)))
	}
	s.scenarios[0].Earlier, s.scenarios[0].Notes = nil, nil
	triedBefore(s.scenarios[0], hops...)
	for range 20 {
		s.scenarios = append(s.scenarios, s.scenarios[0])
	}
	text := readAll(t, folderOf(t, s), "report.html")
	flaky := parsePage(t, text).Find("#s0")
	assert.Equal(t, 10, flaky.Find("details.a").Length())
	assert.Contains(t, flaky.Text(), "… and 15 more attempts in messages.ndjson.")
	assert.Contains(t, flaky.Text(), "Attempt 26 passed")
	assert.Equal(t, 1, flaky.Find("#s0a1h1 pre.body").Length())
	last := parsePage(t, text).Find("#s21")
	assert.Equal(t, 10, last.Find("details.a").Length())
	assert.Equal(t, 10, last.Find("details.a [data-pack]").Length())
	assert.Less(t, len(text), 3<<20)
}

// In a browser an attempt opens by a link, by a click and with the scenario.
func TestAttemptsInABrowser(t *testing.T) {
	t.Parallel()
	s := retried()
	var hops []report.Hop
	for i := range 7 {
		hops = append(hops, busyHop(fmt.Sprintf(`{"try":%d,"pad":%q}`, i+1, strings.Repeat("x", 200_000))))
	}
	s.scenarios[0].Earlier, s.scenarios[0].Notes = nil, nil
	triedBefore(s.scenarios[0], hops...)
	for range 20 {
		s.scenarios = append(s.scenarios, s.scenarios[0])
	}
	var got struct {
		Error, Packed, First, Linked string
		Open, Closed, Second         bool
		Painted                      bool
	}
	log := look(t, readAll(t, folderOf(t, s), "report.html"), `
    d.querySelector("#s0 > summary").click();
    out.open = d.getElementById("s0a1").open && !d.getElementById("s0a2").open && d.getElementById("s0a1h1").open;
    d.getElementById("s0a1h1").scrollIntoView();
    await wait(() => d.querySelector("#s0a1h1 pre.body .k"));
    out.first = d.querySelector("#s0a1h1 pre.body").textContent.slice(0, 20);
    out.painted = Boolean(d.querySelector("#s0a1h1 pre.body .k"));
    out.packed = String(d.getElementById("s21").innerHTML.includes("data-pack") && !d.querySelector("#s21a7h1 pre.body"));
    frame.contentWindow.location.hash = "#s21a7h1";
    await wait(() => d.querySelector("#s21a7h1 pre.body"));
    out.linked = d.querySelector("#s21a7h1 pre.body").textContent.slice(0, 20);
    out.closed = !d.getElementById("s1a2").open;
    d.querySelector("#s1a2 > summary").click();
    out.second = d.getElementById("s1a2").open && Boolean(d.querySelector("#s1a2h1 .hop"));
    frame.contentWindow.location.hash = "#s1a1h1";
    await wait(() => d.getElementById("s1a1").open);
    out.second = out.second && d.getElementById("s1a1h1").open;
  `, &got)
	assert.Empty(t, got.Error)
	assert.True(t, got.Open, "the first attempt is open with its hop, the others are not")
	assert.Contains(t, got.First, `{"try":1,`)
	assert.True(t, got.Painted)
	assert.Equal(t, "true", got.Packed, "there is room for some only")
	assert.Contains(t, got.Linked, `{"try":7,`)
	assert.True(t, got.Closed)
	assert.True(t, got.Second, "what is opened is there at once")
	assert.Empty(t, log, "the page wrote to the console")
}
