package mockserver_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// faults parses a SPEC that is right.
func faults(tb testing.TB, spec string, seed uint64) mockserver.Faults {
	tb.Helper()
	f, err := mockserver.ParseFaults(spec)
	require.NoError(tb, err)
	f.Seed = seed
	return f
}

func TestFaultSpecs(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ spec, want string }{
		"every fault": {
			"latency=20ms,429,500,drop,half,html,expired,extra,reordered,missing",
			"latency=20ms,429,500,drop,half,html,expired,extra,reordered,missing",
		},
		"values":                        {"latency=20ms~5ms,429=2s,extra=field,missing=username", "latency=20ms~5ms,429=2s,extra=field,missing=username"},
		"probabilities":                 {"500@0.25,drop@1,half@0,html@.5", "500@0.25,drop,half@0,html@0.5"},
		"a colon for the @, as in tags": {"latency=20ms~5ms:0.5,500:0.1", "latency=20ms~5ms@0.5,500@0.1"},
		"spaces around":                 {" 500@0.1 , drop ", "500@0.1,drop"},
		"two fields that are missing":   {"missing=username,missing=password", "missing=username,missing=password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := mockserver.ParseFaults(row.spec)
			require.NoError(t, err)
			assert.Equal(t, row.want, f.String())
			assert.False(t, f.None())
		})
	}
}

func TestFaultSpecsThatAreWrong(t *testing.T) {
	t.Parallel()
	const all = "want latency, 429, 500, drop, half, html, expired, extra, reordered or missing"
	for name, row := range map[string]struct{ spec, want string }{
		"a name with a slip":          {"latecy=20ms", `fault "latecy" is unknown, ` + all + `; did you mean "latency"?`},
		"a name like no other":        {"earthquake", `fault "earthquake" is unknown, ` + all},
		"nothing":                     {"", `fault "" is unknown, ` + all},
		"nothing after a comma":       {"500,", `fault "" is unknown, ` + all},
		"the same twice":              {"500@0.1,500@0.2", `fault "500" is given twice`},
		"a probability above 1":       {"500@2", `fault "500" has the probability "2", want a number from 0 to 1`},
		"an invalid probability":      {"500@NaN", `fault "500" has the probability "NaN", want a number from 0 to 1`},
		"a percentage":                {"500@10%", `fault "500" has the probability "10%", want a number from 0 to 1`},
		"two probabilities":           {"missing=a@0.1@1", `fault "missing=a@0.1@1" has two probabilities, want one`},
		"a value where there is none": {"drop=1", `fault "drop" takes no value, found "1"`},
		"an empty value":              {"429=", `fault "429" has an empty value: leave the = out, or write a value after it`},
		"no latency": {
			"latency", `fault "latency" has the value "", want a time and at most as much to give or take, ` +
				`as in latency=20ms or latency=20ms~5ms`,
		},
		"more spread than latency": {
			"latency=5ms~20ms", `fault "latency" has the value "5ms~20ms", want a time and at most as much to give or take, ` +
				`as in latency=20ms or latency=20ms~5ms`,
		},
		"an endless latency":        {"latency=2h", `fault "latency" has the value "2h", want at most 1h0m0s`},
		"a part of a second":        {"429=1500ms", `fault "429" has the value "1500ms", want whole seconds, as in 429=2s`},
		"another kind of the extra": {"extra=header", `fault "extra" has the value "header", want property, field or none for both`},
		"every mistake at once":     {"drop=1,500@2", "fault \"drop\" takes no value, found \"1\"\nfault \"500\" has the probability \"2\", want a number from 0 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := mockserver.ParseFaults(row.spec)
			require.EqualError(t, err, row.want)
			assert.True(t, f.None())
		})
	}
}

func TestFaultTags(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		tags []string
		want string
		used []string
	}{
		"none":             {[]string{"@smoke", "@faulty"}, "", nil},
		"one":              {[]string{"@smoke", "@fault:429=1s"}, "429=1s", []string{"@fault:429=1s"}},
		"with probability": {[]string{"@fault:latency=20ms~5ms:0.5,500:0.1"}, "latency=20ms~5ms@0.5,500@0.1", []string{"@fault:latency=20ms~5ms:0.5,500:0.1"}},
		"those of a feature and of its scenario": {
			[]string{"@fault:extra", "@smoke", "@fault:500:0.1"}, "extra,500@0.1", []string{"@fault:extra", "@fault:500:0.1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, used, err := mockserver.TaggedFaults(row.tags)
			require.NoError(t, err)
			assert.Equal(t, row.want, f.String())
			assert.Equal(t, row.used, used)
		})
	}
	for name, row := range map[string]struct {
		tags []string
		want string
	}{
		"cut off by Gherkin": {
			[]string{"@fault:500", "@0.1,drop"},
			"the tag @fault:500 is cut off before @0.1,drop: in a tag a colon comes before the probability, as in @fault:500:0.1",
		},
		"two mistakes": {
			[]string{"@fault:drop=1,500:2"},
			`the tag @fault:drop=1,500:2: fault "drop" takes no value, found "1", and fault "500" has the probability "2", want a number from 0 to 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := mockserver.TaggedFaults(row.tags)
			assert.EqualError(t, err, row.want)
		})
	}
}

func TestInjectedSaysWhatWhereAndBySeed(t *testing.T) {
	t.Parallel()
	b := mockserver.Injected{Seed: 42}
	assert.Empty(t, b.String())
	b.Note("", 2, "500")
	assert.Equal(t, "fault 500 at hop 2 (seed 42)", b.String())
	for hop := range 7 {
		b.Note("", hop+1, "extra")
	}
	assert.Equal(t, "fault 500 at hop 2, fault extra at hops …, 3, 4, 5, 6, 7 (seed 42)", b.String())
	assert.Equal(t, []string{"500", "extra"}, b.At(2))
	assert.Equal(t, []string{"extra"}, b.At(1))
	assert.Empty(t, b.At(8))
}

func FuzzFaultSpec(f *testing.F) {
	for _, spec := range []string{
		"latency=20ms~5ms@0.5,500@0.1", "429=2s,drop:0.5", "missing=a b,missing", "extra=field@1e-3", "half@0x1p-2", "html@-0",
		"500,500", "@", "=", ",", "missing=a@0.5@1", "latecy", "expired,reordered@\x00",
	} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		parsed, err := mockserver.ParseFaults(spec)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			assert.True(t, parsed.None())
			return
		}
		again, err := mockserver.ParseFaults(parsed.String())
		require.NoError(t, err, parsed.String())
		assert.Equal(t, parsed, again)
	})
}

func TestWithoutFaultsNothingIsWrapped(t *testing.T) {
	t.Parallel()
	next := http.NewServeMux()
	assert.Same(t, next, mockserver.Faults{Seed: 1}.Wrap(next))
}

// drawn counts the sign-ons, of so many, that a fault applies to at their start.
func drawn(t *testing.T, f mockserver.Faults, signOns int) (hit []int) {
	t.Helper()
	h := f.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for i := range signOns {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/as/authorize?acr_values=x&n=%d", i), nil))
		if w.Code == http.StatusInternalServerError {
			hit = append(hit, i)
		}
	}
	return hit
}

func TestProbability(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
	const draws = 10_000
	for _, odds := range []float64{0, 0.1, 0.5, 1} {
		got := float64(len(drawn(t, faults(t, fmt.Sprintf("500@%v", odds), 42), draws))) / draws
		allowed := 4 * math.Sqrt(odds*(1-odds)/draws) // four standard deviations, which is none for never and always
		assert.InDelta(t, odds, got, allowed)
	}
}

func TestDrawsDependOnSeedAndScenario(t *testing.T) {
	t.Parallel()
	f := faults(t, "500@0.5", 42)
	first := drawn(t, f, 100)
	assert.Equal(t, first, drawn(t, f, 100))
	assert.Equal(t, first[:3], drawn(t, faults(t, "latency=0s,500@0.5", 42), 100)[:3], "another fault beside it changes nothing")

	other := f
	other.Seed = 43
	assert.NotEqual(t, first, drawn(t, other, 100))
	other = f
	other.Scenario = "a.feature:3"
	assert.NotEqual(t, first, drawn(t, other, 100))

	more := map[int]bool{}
	for _, i := range drawn(t, faults(t, "500@0.8", 42), 100) {
		more[i] = true
	}
	for _, i := range first {
		assert.True(t, more[i], "a higher probability keeps what was drawn, and adds to it")
	}
}
