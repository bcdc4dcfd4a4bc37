package feature_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/feature"
)

// A tab or a no-break space at the end of a line comes from an editor or a copied
// page. In a text block it may be meant.
func TestWhiteSpaceAtTheEndOfAStepDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{
		"none": "", "a tab": "\t", "a no-break space": "\u00a0", "several": " \u2003\t ", "with a carriage return": "\t\r",
	} {
		text := "Feature: A" + end + "\n  Scenario: One" + end + "\n    When I do this" + end + "\n    And that:" + end +
			"\n      \"\"\"\n      a\u00a0\n      \"\"\"" + end + "\n    Then it is done" + end + "\n"
		list, err := feature.NewLoader(nil).Load(fstest.MapFS{"a.feature": {Data: []byte(text)}}, "a.feature", "")
		require.NoError(t, err, name)
		require.Len(t, list, 1, name)
		assert.Equal(t, "One", list[0].Name, name)
		var steps []string
		for _, s := range list[0].Steps {
			steps = append(steps, s.Text)
		}
		assert.Equal(t, []string{"I do this", "that:", "it is done"}, steps, name)
		assert.Equal(t, "a\u00a0", list[0].Steps[1].Arg.DocString.Content, name)
	}
}
