package output_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

func TestEveryReportNamesTheRule(t *testing.T) {
	t.Parallel()
	failed := scenario("signs on", report.Step{Text: "Given a guest", Line: 9, Status: report.Failed, Error: "no guest"})
	failed.Rule = "For guests"
	s := &story{scenarios: []*report.Scenario{failed}}
	all := formats()
	all["pretty"] = func(w io.Writer) report.Reporter { return output.NewPretty(w, false) }
	all["progress"] = func(w io.Writer) report.Reporter { return output.NewProgress(w, false) }
	for name, reporter := range all {
		var b strings.Builder
		s.tell(reporter(&b))
		assert.Contains(t, b.String(), "For guests", name)
	}
	dir := folderOf(t, s)
	for _, name := range files {
		assert.Contains(t, readAll(t, dir, name), "For guests", name)
	}
	messages := lines(t, streamOf(t, s))
	assert.Positive(t, kinds(messages)["gherkinDocument"])
	assert.Contains(t, readAll(t, dir, output.MessagesFile), `"rule":{`, "its own place in the document")
}
