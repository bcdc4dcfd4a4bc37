package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	websdk "flowtest/mockserver/testdata/sdk"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/mutate/show"
)

// aroundMutants is a page around the report that sets its filters, one after the other, and writes down which
// mutants are shown. The page of a browser is complete when its frames are.
const aroundMutants = `<!doctype html><link rel="icon" href="data:,"><pre></pre><iframe src="/report.html"></iframe><script>
document.querySelector("iframe").onload = (e) => {
  const d = e.target.contentDocument, form = d.querySelector("form.filter"), out = {};
  const step = (name, change) => {
    change();
    form.dispatchEvent(new Event("input"));
    out[name] = {
      shown: [...d.querySelectorAll(".m")].filter((m) => m.checkVisibility()).map((m) => m.dataset.kind + " " + m.dataset.group),
      sections: [...d.querySelectorAll("section.suite")].filter((s) => s.checkVisibility()).length,
      says: form.querySelector("output").textContent,
    };
  };
  const kind = (name, on) => { [...form.elements.kind].find((box) => box.value === name).checked = on; };
  step("first", () => {});
  step("noticed too", () => kind("noticed", true));
  step("one group", () => { form.elements.group.value = "texts"; });
  step("survivors of it", () => { kind("noticed", false); kind("not-covered", false); });
  step("with a text", () => { form.elements.group.value = ""; form.elements.text.value = " register "; });
  step("no such text", () => { form.elements.text.value = "nowhere"; });
  step("another flow", () => { form.elements.text.value = ""; form.elements.flow.value = "sign-on"; });
  document.querySelector("pre").textContent = JSON.stringify(out);
};
</script>`

// In a browser the filters of the page of mutants choose which mutants are shown, and sections without any are
// hidden.
func TestTheFiltersOfMutantsInABrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a page that lies there has nothing for the race detector")
	}
	websdk.NeedsChromium(t)
	const feature = `Feature: Mutants
  Scenario: The first screen
    Given the flow "sign-on"
    When I start the flow
    Then the flow pauses at "Sign On Form"
`
	results, err := mutate.Run(t.Context(), &runner.Suite{
		Features: []runner.Source{{FS: fstest.MapFS{"a.feature": {Data: []byte(feature)}}, Path: ".", Show: "features"}},
		Target:   runner.Replay(), Recordings: shipped.Flows(t), Conformance: runner.OffBroken,
	}, mutate.Choice{Flow: "sign-on", Operators: []string{"button-gone", "form-name", "label"}}, 0, 0)
	require.NoError(t, err)
	r := mutate.NewReport(results, nil, false)
	counts := map[string]int{} // of mutants, by kind and group
	for _, m := range r.Mutants {
		kind := strings.ReplaceAll(string(m.Verdict), " ", "-")
		if m.Verdict.Noticed() {
			kind = "noticed"
		}
		counts[kind]++
		counts[kind+" "+m.Group]++
	}
	var page strings.Builder
	require.NoError(t, show.HTML(&page, r))
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		text := aroundMutants
		if r.URL.Path == "/report.html" {
			text = page.String()
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(site.Close)
	tab := websdk.NewTab(t)
	tab.Open(site.URL + "/")
	var got map[string]struct {
		Shown    []string
		Sections int
		Says     string
	}
	require.NoError(t, json.Unmarshal([]byte(tab.Eval(`document.querySelector("pre").textContent`).String()), &got),
		"%s", tab.Console())

	open := counts["survived"] + counts["not-covered"]
	require.Positive(t, counts["noticed"])
	assert.Len(t, got["first"].Shown, open, "what nothing noticed")
	assert.NotContains(t, strings.Join(got["first"].Shown, ","), "noticed ")
	assert.Len(t, got["noticed too"].Shown, open+counts["noticed"])
	assert.Len(t, got["one group"].Shown, counts["survived texts"]+counts["not-covered texts"]+counts["noticed texts"])
	assert.Len(t, got["survivors of it"].Shown, counts["survived texts"])
	assert.Equal(t, 1, got["survivors of it"].Sections)
	assert.Equal(t, []string{"survived buttons", "survived texts"}, got["with a text"].Shown, "those of the button REGISTER")
	assert.Empty(t, got["no such text"].Shown)
	assert.Zero(t, got["no such text"].Sections)
	assert.Regexp(t, `^0 of \d+ shown$`, got["no such text"].Says)
	assert.Len(t, got["another flow"].Shown, counts["survived"])
}
