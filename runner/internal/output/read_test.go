package output_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// What is written and read again is the same.
func TestTheStreamIsReadBack(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*story{
		"the sample": sampleRun(), "interrupted": func() *story { s := sampleRun(); s.interrupted = true; return s }(),
		"without evidence": stories()["all"], "nothing": stories()["nothing"],
	} {
		t.Run(name, func(t *testing.T) {
			if s.plan.Began.IsZero() {
				s.plan.Began = sampleBegan
			}
			s.plan.Scenarios = len(s.scenarios)
			var want, got memory
			s.tell(&want)
			run, lost, err := stream.Read(bytes.NewReader(streamOf(t, s)), &got)
			require.NoError(t, err)
			assert.False(t, lost.Any(), "%v", lost)
			assert.Empty(t, lost.String())
			assert.Same(t, run, got.run)
			require.Len(t, got.scenarios, len(want.scenarios))
			for i := range want.scenarios {
				assert.Equal(t, plainJSON(t, want.scenarios[i]), plainJSON(t, got.scenarios[i]))
			}
			assert.Equal(t, want.run.Counts, run.Counts)
			assert.Equal(t, want.run.Hops, run.Hops)
			assert.Equal(t, want.run.Duration, run.Duration)
			assert.Equal(t, want.run.Environment, run.Environment)
			assert.Equal(t, want.run.Interrupted, run.Interrupted)
			assert.Equal(t, want.plan.Definitions, got.plan.Definitions)
			assert.Equal(t, want.plan.Requirements, got.plan.Requirements)
			if s.plan.Source != nil {
				assert.Equal(t, featureText, got.plan.Source("features/sign-on/sign-on.feature"))
			}
			again := &story{plan: got.plan, scenarios: got.scenarios, interrupted: run.Interrupted, took: run.Duration}
			assert.Equal(t, string(streamOf(t, s)), string(streamOf(t, again)), "and written again it is the same, byte for byte")
		})
	}
}

// plainJSON writes a scenario with its hops, whatever pointers are in it.
func plainJSON(t *testing.T, s *report.Scenario) string {
	t.Helper()
	type attempt struct {
		A    report.Attempt
		Hops []report.Hop
	}
	var earlier []attempt
	for _, a := range s.Earlier {
		earlier = append(earlier, attempt{a, a.Hops})
	}
	text, err := json.MarshalIndent(struct {
		S       *report.Scenario
		Hops    []report.Hop
		Earlier []attempt
	}{s, s.Hops, earlier}, "", " ")
	require.NoError(t, err)
	return string(text)
}

func TestWhatIsCutOffIsReported(t *testing.T) {
	t.Parallel()
	written := streamOf(t, sampleRun())
	whole := bytes.Count(written, []byte("\n"))
	require.Positive(t, whole)
	step := max(1, len(written)/150)
	for n := 0; n < len(written)-1; n += step {
		var got memory
		run, lost, err := stream.Read(bytes.NewReader(written[:n]), &got)
		if err != nil {
			require.ErrorContains(t, err, "not a run of flowtest: the stream has no plan", "cut after %d bytes", n)
			assert.Zero(t, got.begins)
			continue
		}
		assert.True(t, run.Interrupted || !lost.End, n)
		assert.True(t, lost.Any())
		assert.Equal(t, len(sampleRun().scenarios), len(got.scenarios)+lost.Scenarios)
	}
}

func TestWhatCannotBeReadIsCounted(t *testing.T) {
	t.Parallel()
	written := string(streamOf(t, sampleRun()))
	for name, test := range map[string]struct {
		give string
		want string
		left int
	}{
		"the end is cut off": {
			written[:len(written)-10], "the last line was cut off after 106 bytes", 10,
		},
		"a line of noise": {
			strings.Replace(written, "\n", "\nnoise\n", 1), "1 line cannot be read", 10,
		},
		"a hop of noise": {
			strings.Replace(written, `{"attachment":{"body":"{\"hop\":1`, `{"attachment":{"body":"{\"hop\":\"x\"`, 1),
			"1 hop cannot be read, 1 line cannot be read", 10,
		},
		"a scenario of noise": {
			strings.Replace(written, `\"status\":\"failed\"`, `\"status\":\"odd\"`, 1),
			"", 9,
		},
		"a list of what was met is lost": {
			regexp.MustCompile(`(?m)^.*flowtest\.passed\+json.*\n`).ReplaceAllString(written, ""),
			"4 hops cannot be read, 4 lines cannot be read", 10,
		},
		"a blank line is nothing": {strings.Replace(written, "\n", "\n\n  \n", 1), "", 10},
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, written, test.give)
			var got memory
			_, lost, err := stream.Read(strings.NewReader(test.give), &got)
			require.NoError(t, err)
			assert.Len(t, got.scenarios, test.left)
			if test.left < 10 {
				assert.Contains(t, lost.String(), "1 scenario of the plan did not finish or cannot be read")
				return
			}
			assert.Equal(t, test.want, lost.String())
		})
	}
}

func TestWhatIsNoStreamOfOursIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ give, want string }{
		"nothing":            {"", "report: not a run of flowtest: the stream has no plan, want a messages.ndjson that flowtest wrote"},
		"text":               {"hello\nworld\n", "not a run of flowtest"},
		"another tool's run": {`{"meta":{"protocolVersion":"1"}}` + "\n" + `{"testRunStarted":{"timestamp":{"seconds":1,"nanos":0}}}` + "\n", "not a run of flowtest"},
		"a later form": {
			strings.Replace(string(streamOf(t, sampleRun())), `\"format\":2`, `\"format\":3`, 1),
			"report: the stream has format 3, this flowtest reads 1 to 2: use the flowtest that wrote it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got memory
			_, _, err := stream.Read(strings.NewReader(test.give), &got)
			require.ErrorContains(t, err, test.want)
			assert.Zero(t, got.begins)
		})
	}
}

// Bodies come back as they were, whatever they are.
func TestBodies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", stream.MostBody) // two bytes each
	for name, test := range map[string]struct {
		give, want string
		cut        int
	}{
		"none":                   {"", "", 0},
		"JSON with its blanks":   {`{ "a" : [1, 2],  "b":"<&>" }`, `{ "a" : [1, 2],  "b":"<&>" }`, 0},
		"JSON with a line end":   {"{}\n", "{}\n", 0},
		"half of JSON":           {`{"a":`, `{"a":`, 0},
		"a number":               {"12 ", "12 ", 0},
		"HTML":                   {"<p>&amp;</p>\u2028", "<p>&amp;</p>\u2028", 0},
		"not UTF-8":              {"\xff\xfe\x00", "\xff\xfe\x00", 0},
		"JSON that is not UTF-8": {"{\"a\":\"\xff\"}", "{\"a\":\"\xff\"}", 0},
		"too long":               {long, long[:stream.MostBody], stream.MostBody},
		"too long, odd":          {"x" + long, "x" + long[:stream.MostBody-2], stream.MostBody + 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := sampleRun()
			s.scenarios = s.scenarios[:1]
			s.plan.Scenarios = 1
			e := s.scenarios[0].Hops[0].Evidence
			e.RequestBody, e.Body = []byte(test.give), []byte(test.give)
			if test.give == "" {
				e.RequestBody, e.Body = nil, nil
			}
			written := streamOf(t, s)
			var got memory
			_, lost, err := stream.Read(bytes.NewReader(written), &got)
			require.NoError(t, err)
			assert.False(t, lost.Any(), lost)
			back := got.scenarios[0].Hops[0].Evidence
			assert.Equal(t, test.want, string(back.Body))
			assert.Equal(t, test.want, string(back.RequestBody))
			assert.Equal(t, test.cut, back.Cut)
			assert.Equal(t, test.cut, back.RequestCut)
			s.scenarios = got.scenarios
			assert.Len(t, streamOf(t, s), len(written), "written again nothing more is cut")
		})
	}
}

// A journey that was read is checked against our own catalogue again.
func TestFindingsOfTheCatalogueAreReadBackAsItsOwn(t *testing.T) {
	t.Parallel()
	all := conformance.Catalogue()
	require.Greater(t, len(all), 2)
	s := sampleRun()
	s.scenarios = s.scenarios[:1]
	s.plan.Scenarios = 1
	s.scenarios[0].Hops = s.scenarios[0].Hops[:1]
	s.scenarios[0].Hops[0].Evidence.Findings = []conformance.Finding{
		finding(all[0], conformance.Passed, 1), finding(all[1], conformance.Violated, 1), finding(reqForm, conformance.Violated, 1),
	}
	var got memory
	run, _, err := stream.Read(bytes.NewReader(streamOf(t, s)), &got)
	require.NoError(t, err)
	require.NotNil(t, run.Conformance)
	assert.Equal(t, conformance.Passed, run.Conformance.Result(all[0]))
	assert.Equal(t, conformance.Violated, run.Conformance.Result(all[1]))
	assert.Equal(t, conformance.NotExercised, run.Conformance.Result(all[2]))
	assert.Len(t, got.scenarios[0].Conformance.Findings, 1, "the sample's requirement is of no catalogue of ours")
	assert.Same(t, all[1], got.scenarios[0].Conformance.Findings[0].Requirement)
}

// Which SDK can carry which flow is in the stream too, and in every file.
func TestTheTableOfSDKsIsReadBack(t *testing.T) {
	t.Parallel()
	all := conformance.SDKCatalogue()
	require.NotEmpty(t, all)
	met, broken := all[0], all[len(all)-1]
	require.NotEqual(t, met.SDK, broken.SDK)
	s := sampleRun()
	s.scenarios = s.scenarios[:1]
	s.plan.Scenarios = 1
	v := conformance.Verdicts{Findings: []conformance.Finding{finding(broken, conformance.Violated, 1)}}
	v.Passed.Add(met)
	s.scenarios[0].Conformance = &conformance.Journey{Name: "Alice signs on", Flow: "sign-on", SDK: []conformance.Verdicts{v}}
	var matrix conformance.Matrix
	matrix.Add(s.scenarios[0].Conformance)

	var got memory
	run, lost, err := stream.Read(bytes.NewReader(streamOf(t, s)), &got)
	require.NoError(t, err)
	assert.False(t, lost.Any(), lost)
	require.NotNil(t, run.Conformance)
	assert.Equal(t, matrix.SDKs(), run.Conformance.SDKs())

	dir := t.TempDir()
	_, _, err = rendered(t, dir, folderOf(t, s))
	require.NoError(t, err)
	for _, name := range []string{"report.html", "report.json", "summary.md"} {
		text := readAll(t, dir, name)
		assert.Contains(t, text, "not carried", name)
		assert.Contains(t, text, broken.ID, name)
	}
	var doc any
	require.NoError(t, json.Unmarshal([]byte(readAll(t, dir, "report.json")), &doc))
	assert.NoError(t, compileSchema(t, "report.schema.json").Validate(doc))
}

func FuzzRead(f *testing.F) {
	s := stories()["passed"] // short, so that the fuzzer is quick
	s.scenarios = s.scenarios[:1]
	written := streamOf(f, s)
	f.Add(written)
	f.Add(written[:len(written)/2])
	retried := &story{plan: s.plan, scenarios: []*report.Scenario{triedBefore(scenario("Again",
		sampleStep("Given a", 4, report.Passed), sampleStep("When b", 5, report.Passed)), busyHop("busy"), busyHop("busy"))}}
	f.Add(streamOf(f, retried))
	f.Add([]byte(`{"attachment":{"body":"{\"format\":1}","mediaType":"application/vnd.flowtest.plan+json"}}` + "\n" +
		`{"attachment":{"body":"{\"hop\":1,\"evidence\":true,\"response\":{\"base64\":\"/w==\"}}","mediaType":"application/json"}}` + "\n" +
		`{"attachment":{"body":"{\"status\":\"failed\"}","mediaType":"application/vnd.flowtest.scenario+json"}}` + "\n"))
	f.Fuzz(func(t *testing.T, written []byte) {
		var got memory
		run, lost, err := stream.Read(bytes.NewReader(written), &got)
		if err != nil {
			return
		}
		_ = lost.String()
		// What could be read can be written in every format.
		var b bytes.Buffer
		all := report.Many(stream.NewWriter(&b), output.NewGitHub(&b, asShown, false), output.NewSummary(&b), output.NewJSON(&b))
		all.Begin(got.plan)
		for _, s := range got.scenarios {
			all.Scenario(s)
		}
		all.End(run)
	})
}
