package conformance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/conformance"
)

// The samples of the two official pages, unchanged except for this: values that end in
// "..." were completed to values of their kind, variables were filled in, the quote too
// many after "Write custom JavaScript" was taken away, and the two elided schemas
// ("...") are empty objects.
func TestTheOfficialSamplesGiveNoFailedFinding(t *testing.T) {
	const sampleEnvironment = "424d6ac2-1b8f-4c55-9a0e-5d3f6b7c8e91"
	sample := func(name string) string {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return string(text)
	}
	at := func(e exchange, host string) exchange {
		e.url = strings.Replace(e.url, "https://auth.pingone.example/"+environment, host+"/"+sampleEnvironment, 1)
		return e
	}
	screen := at(authorize("code", false), "https://auth.pingone.asia")
	screen.body = sample("json-screen.json")
	detailed := at(authorize("code", true), "https://auth.pingone.com")
	detailed.body = sample("detailed-screen.json")
	ended := ending(at(authorize("token id_token", false), "https://auth.pingone.com"), sample("completed.json"))
	endedDetailed := ending(at(authorize("token id_token", true), "https://auth.pingone.com"), sample("completed.json"))

	for name, e := range map[string]exchange{
		"the screen of JSON Responses": screen, "the screen of Detailed Responses": detailed,
		"the end of JSON Responses": ended, "the end of Detailed Responses": endedDetailed,
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, gjson.Valid(e.body))
			for _, v := range (journey{e}).judge(t) {
				assert.True(t, v.Applied())
				for _, f := range v.Findings {
					assert.Less(t, f.Result, conformance.Warning, "%s: %s is %s, want %s", f.Requirement.ID, f.Path, f.Found, f.Wanted)
				}
			}
		})
	}
}

func BenchmarkTheWholeCatalogueForEachHop(b *testing.B) {
	for name, j := range map[string]journey{"json": jsonJourney(), "detailed": detailedJourney()} {
		b.Run(name, func(b *testing.B) {
			hops := j.hops(b)
			b.ReportAllocs()
			for b.Loop() {
				var judge conformance.Judge
				for _, h := range hops {
					judge.Hop(h)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(hops)), "µs/hop")
		})
	}
}
